#include "core/base/json.hpp"

#include "core/base/text.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>

namespace cti {
namespace {
// 0: stands for itself; 'u': \u00XX; 'x': the lead of a multi-byte sequence, to be checked; else the letter
// after the backslash.
constexpr std::array<char, 256> k_escapes = [] {
    std::array<char, 256> table{};
    for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
    for (std::size_t i = 0x80; i < 0x100; ++i) table[i] = 'x';
    table['"'] = '"', table['\\'] = '\\', table['\n'] = 'n', table['\r'] = 'r', table['\t'] = 't',
    table['\b'] = 'b', table['\f'] = 'f';
    table[0x7F] = 'u';
    return table;
}();

// Whether each of eight bytes stands for itself. The tests for a byte below a limit and for a zero byte are
// those of Lamport, "Multiple byte processing with full-word instructions" (1975).
bool are_plain(const char* bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    const auto has = [&](std::uint64_t byte) {
        const auto difference = word ^ (ones * byte);
        return (difference - ones) & ~difference & tops;
    };
    const auto is_control = (word - ones * 0x20) & ~word & tops;
    return ((word & tops) | is_control | has('"') | has('\\') | has(0x7F)) == 0;
}
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t pos = 0, start = 0; pos <= text.size();) {
        while (text.size() - pos >= 8 && are_plain(text.data() + pos)) pos += 8;
        const auto byte = pos < text.size() ? static_cast<unsigned char>(text[pos]) : 0U;
        const char escape = pos < text.size() ? k_escapes[byte] : 'e';
        if (escape == 0) {
            ++pos;
            continue;
        }
        if (escape == 'x') {
            const auto before = pos;
            const char32_t code = next_code_point(text, pos);
            const bool ill_formed =
                code == k_replacement_character && text.substr(before, pos - before) != "\xEF\xBF\xBD";
            if (!ill_formed && code != 0x2028 && code != 0x2029) continue;
            out.append(text, start, before - start);
            out += ill_formed ? "\\ufffd" : code == 0x2028 ? "\\u2028" : "\\u2029";
            start = pos;
            continue;
        }
        out.append(text, start, pos - start);
        if (escape == 'u') {
            out += fmt::format("\\u{:04x}", byte);
        } else if (escape != 'e') {
            out += {'\\', escape};
        }
        start = ++pos;
    }
    out += '"';
}

bool is_nested_deeper(std::string_view json, int depth) {
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (--depth < 0) return true;
        } else if (c == '}' || c == ']') {
            ++depth;
        }
    }
    return false;
}

void JsonWriter::break_line() {
    if (m_indent == 0) return;
    m_out += '\n';
    m_out.append(m_has_items.size() * static_cast<std::size_t>(m_indent), ' ');
}

void JsonWriter::separate() {
    if (m_after_key) {
        m_after_key = false;
        return;
    }
    if (m_has_items.empty()) return;
    if (m_has_items.back()) m_out += ',';
    m_has_items.back() = true;
    break_line();
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    m_out += bracket;
    m_has_items.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    const bool had_items = m_has_items.back();
    m_has_items.pop_back();
    if (had_items) break_line();
    m_out += bracket;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(m_out, name);
    m_out += m_indent == 0 ? ":" : ": ";
    m_after_key = true;
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    m_out += json;
    return *this;
}

JsonWriter& JsonWriter::members_of(std::string_view object) {
    object = trim(object);
    const auto members = trim(object.substr(1, object.size() - 2));
    return members.empty() ? *this : raw(members);
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    append_json_string(m_out, text);
    return *this;
}

JsonWriter& JsonWriter::value(double number) {
    return std::isfinite(number) ? raw(fmt::format("{}", number)) : null();
}

JsonWriter& JsonWriter::value(const std::vector<std::string>& texts) {
    begin_array();
    for (const auto& text : texts) value(std::string_view(text));
    return end_array();
}
}
