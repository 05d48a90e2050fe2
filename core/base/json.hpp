#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Writing JSON (RFC 8259) fast and in a stream. Reading it is nlohmann-json's job, where it is needed.
namespace cti {

// Appends the text as a JSON string with its quotes. Ill-formed UTF-8 becomes U+FFFD, so the output is always
// valid; U+2028 and U+2029 are escaped, because JavaScript before 2019 takes them for line ends.
void append_json_string(std::string& out, std::string_view text);

// Whether the text opens more brackets inside each other than `depth`. To be asked before JSON from outside
// is parsed: nlohmann-json's tree is compared, printed and destroyed recursively. Linear; the text need not
// be valid.
bool is_nested_deeper(std::string_view json, int depth);

// Writes into a string that the caller may empty between calls. indent 0: one line; else pretty, `indent`
// spaces a level.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out, int indent = 0) : m_out(out), m_indent(indent) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    // Goes on with an object that was left open, and has members already.
    JsonWriter& resume_object() {
        m_has_items.push_back(true);
        return *this;
    }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& null();
    JsonWriter& raw(std::string_view json); // Must be one valid JSON value.
    // The members of an object as they stand there, into the open object. Must be one valid JSON object.
    JsonWriter& members_of(std::string_view object);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
    JsonWriter& value(double number); // Not a number and infinity become null.
    template <class Int>
    requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) JsonWriter& value(Int number) {
        return raw(std::to_string(number));
    }
    template <class T>
    JsonWriter& value(const std::optional<T>& maybe) {
        return maybe ? value(*maybe) : null();
    }
    JsonWriter& value(const std::vector<std::string>& texts);

    template <class T>
    JsonWriter& member(std::string_view name, const T& v) {
        key(name);
        return value(v);
    }

    JsonWriter& member_or_null(std::string_view name, std::string_view text) { // null where it is empty
        key(name);
        return text.empty() ? null() : value(text);
    }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();
    void break_line();

    std::string& m_out;
    int m_indent;
    std::vector<bool> m_has_items; // One flag for each open bracket.
    bool m_after_key = false;
};
}
