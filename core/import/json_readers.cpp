#include "core/base/error.hpp"
#include "core/import/input.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cti::importer {
namespace {

using Json = nlohmann::json;
constexpr std::size_t k_max_items = 10000; // of a list of authors or tags

// Keeps what is wanted of one object and nothing else, so that a record that nests or repeats things without
// end costs no more memory than its own bytes.
class ArticleHandler final : public nlohmann::json_sax<Json> {
public:
    Values values;
    std::string fault;

    bool null() override {
        if (is_item()) return refuse_item();
        if (m_key && m_depth == 1) values[*m_key] = {};
        return m_depth > 0 || refuse_whole();
    }
    bool boolean(bool) override { return refuse_value(); }
    bool number_integer(number_integer_t) override { return refuse_value(); }
    bool number_unsigned(number_unsigned_t) override { return refuse_value(); }
    bool number_float(number_float_t, const string_t&) override { return refuse_value(); }
    bool binary(binary_t&) override { return refuse_value(); }
    bool string(string_t& text) override {
        if (is_item()) return add_item(text);
        if (!m_key || m_depth != 1) return m_depth > 0 || refuse_whole();
        if (is_list(*m_key)) return refuse_value();
        auto& value = values[*m_key];
        value.is_given = true, value.text = std::move(text);
        return true;
    }
    bool key(string_t& name) override {
        if (m_depth != 1) return true;
        m_key = find_key(name);
        if (m_key) values[*m_key] = {}; // The last one counts.
        return true;
    }
    bool start_object(std::size_t) override {
        if (m_depth > 0 && !refuse_value()) return false;
        ++m_depth;
        return true;
    }
    bool start_array(std::size_t) override {
        if (m_depth == 1 && m_key && is_list(*m_key))
            values[*m_key].is_given = m_is_in_list = true;
        else if (!refuse_value())
            return false;
        ++m_depth;
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
        fault = fmt::format("it is no valid JSON from its byte {} on", position);
        return false;
    }

private:
    bool is_item() const { return m_is_in_list && m_depth == 2; }
    bool close() {
        --m_depth;
        if (m_depth == 1) m_is_in_list = false;
        return true;
    }
    bool add_item(string_t& text) {
        auto& list = values[*m_key].list;
        if (list.size() == k_max_items)
            values[*m_key].fault = fmt::format("has more than {} entries", k_max_items);
        else
            list.push_back(std::move(text));
        return true;
    }
    bool refuse_item() {
        values[*m_key].fault = "must hold texts only";
        return true;
    }
    bool refuse_whole() {
        fault = "it is no object";
        return false;
    }
    // What may stand in keys that nobody reads.
    bool refuse_value() {
        if (m_depth == 0) return refuse_whole();
        if (is_item()) return refuse_item();
        if (m_depth == 1 && m_key)
            values[*m_key].fault = is_list(*m_key) ? "must be a list of texts" : "must be a text";
        return true;
    }

    int m_depth = 0;
    bool m_is_in_list = false;
    std::optional<Key> m_key; // of the object itself
};

Record parse_record(const std::string& text, long line) {
    ArticleHandler handler;
    Json::sax_parse(text, &handler);
    return handler.fault.empty() ? make_record(handler.values, line)
                                 : make_fault(line, std::move(handler.fault));
}

Record make_oversized(long line, std::size_t max_bytes) {
    return make_fault(line, fmt::format("it is larger than {} MiB", max_bytes >> 20));
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

class NdjsonReader final : public Reader {
public:
    NdjsonReader(Input input, const ReadOptions& options)
        : m_input(std::move(input)), m_max_bytes(options.max_record_bytes) {}

    std::optional<Record> next() override {
        while (m_input.peek() != Input::k_end) {
            const auto line = m_input.line();
            if (!m_input.read_line(m_text, m_max_bytes)) return make_oversized(line, m_max_bytes);
            if (!is_blank(m_text)) return parse_record(m_text, line);
        }
        return std::nullopt;
    }

private:
    Input m_input;
    std::size_t m_max_bytes;
    std::string m_text;
};

// The elements of one list. Where one ends is told by its brackets, so that a bad one hides no other; only
// where brackets or quotes are missing, all that follows belongs to it.
class JsonReader final : public Reader {
public:
    JsonReader(Input input, const ReadOptions& options)
        : m_input(std::move(input)), m_max_bytes(options.max_record_bytes) {
        m_input.skip_space();
        if (m_input.get() != '[')
            throw Error{ExitCode::usage, "the file is no JSON list of articles",
                        "One object a line is --format ndjson."};
    }

    std::optional<Record> next() override {
        if (m_is_ended) return std::nullopt;
        skip_separator();
        const auto line = m_input.line();
        if (m_input.peek() == ']') return finish();
        if (m_input.peek() == Input::k_end) return give_up(line, "the list ends too early: is it cut off?");
        if (!read_element()) return make_oversized(line, m_max_bytes);
        if (m_is_open) return give_up(line, "it does not end, and what follows it could not be read");
        return parse_record(m_text, line);
    }

private:
    void skip_separator() {
        m_input.skip_space();
        if (!m_is_first && m_input.peek() == ',') m_input.get();
        m_is_first = false;
        m_input.skip_space();
    }
    std::optional<Record> finish() {
        m_input.get();
        m_input.skip_space();
        m_is_ended = true;
        if (m_input.peek() == Input::k_end) return std::nullopt;
        return make_fault(m_input.line(), "something follows the end of the list");
    }
    Record give_up(long line, std::string fault) {
        m_is_ended = true;
        return make_fault(line, std::move(fault));
    }

    // Whether it fits. m_is_open: the file ends before it does.
    bool read_element() {
        m_text.clear();
        bool fits = true, in_string = false;
        long depth = 0;
        for (int byte = m_input.peek(); byte != Input::k_end; byte = m_input.peek()) {
            if (depth == 0 && !in_string && (byte == ',' || byte == ']')) return fits;
            fits = fits && m_text.size() < m_max_bytes;
            add(fits, m_input.get());
            if (in_string && byte == '\\') {
                if (const int escaped = m_input.get(); escaped != Input::k_end) add(fits, escaped);
            } else if (byte == '"') {
                in_string = !in_string;
            } else if (!in_string && (byte == '{' || byte == '[')) {
                ++depth;
            } else if (!in_string && (byte == '}' || byte == ']') && --depth <= 0) {
                return fits;
            }
        }
        m_is_open = true;
        return fits;
    }
    void add(bool fits, int byte) {
        if (fits) m_text += static_cast<char>(byte);
    }

    Input m_input;
    std::size_t m_max_bytes;
    std::string m_text;
    bool m_is_first = true, m_is_ended = false, m_is_open = false;
};
}

std::unique_ptr<Reader> make_ndjson_reader(Input input, const ReadOptions& options) {
    return std::make_unique<NdjsonReader>(std::move(input), options);
}
std::unique_ptr<Reader> make_json_reader(Input input, const ReadOptions& options) {
    return std::make_unique<JsonReader>(std::move(input), options);
}
}
