#include "core/base/csv.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/import/input.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::importer {
namespace {

constexpr std::size_t k_max_header_bytes = 64U << 10, k_max_cells = 1000;

// A row by RFC 4180; line ends of any kind.
class RowReader {
public:
    explicit RowReader(Input input) : m_input(std::move(input)) {}

    std::vector<std::string> cells;
    std::string fault; // of the row; its cells then say nothing
    long line = 0;     // where it begins

    // False at the end of the file. Rows without anything in them are passed over.
    bool read(std::size_t max_bytes) {
        while (m_input.peek() == '\n' || m_input.peek() == '\r') m_input.get();
        if (m_input.peek() == Input::k_end) return false;
        cells.clear(), fault.clear();
        line = m_input.line(), m_left = max_bytes;
        do {
            if (cells.size() == k_max_cells) refuse("it has too many cells");
            if (cells.size() < k_max_cells) cells.emplace_back();
            m_input.peek() == '"' ? read_quoted() : read_plain();
        } while (is_next());
        return true;
    }

private:
    // Behind a comma, which is taken; else behind the row.
    bool is_next() {
        const int byte = m_input.get();
        if (byte == '\r' && m_input.peek() == '\n') m_input.get();
        return byte == ',';
    }
    static bool is_end(int byte) {
        return byte == ',' || byte == '\n' || byte == '\r' || byte == Input::k_end;
    }
    void read_plain() {
        while (!is_end(m_input.peek())) add(m_input.get());
    }
    void read_quoted() {
        m_input.get();
        while (true) {
            const int byte = m_input.get();
            if (byte == Input::k_end) return refuse("a quote in it is not closed");
            if (byte == '"' && m_input.peek() != '"') break;
            add(byte);
            if (byte == '"') m_input.get();
        }
        if (!is_end(m_input.peek())) refuse("something follows a closing quote");
        read_plain();
    }
    void add(int byte) {
        if (m_left == 0) return refuse("it is too large");
        --m_left;
        cells.back() += static_cast<char>(byte);
    }
    void refuse(const char* why) {
        if (fault.empty()) fault = why;
    }

    Input m_input;
    std::size_t m_left = 0; // bytes
};

class CsvReader final : public Reader {
public:
    CsvReader(Input input, const ReadOptions& options) : m_rows(std::move(input)), m_options(options) {
        if (!m_rows.read(k_max_header_bytes) || !m_rows.fault.empty()) refuse_header("title");
        for (const auto& name : m_rows.cells) m_columns.push_back(find_key(name));
        for (const auto name : k_key_names)
            if (is_required(*find_key(name)) &&
                std::ranges::find(m_columns, find_key(name)) == m_columns.end())
                refuse_header(name);
    }

    std::optional<Record> next() override {
        if (!m_rows.read(m_options.max_record_bytes)) return std::nullopt;
        if (!m_rows.fault.empty()) return make_fault(m_rows.line, m_rows.fault);
        if (m_rows.cells.size() != m_columns.size())
            return make_fault(m_rows.line, fmt::format("it has {} cells, and the table has {} columns",
                                                       m_rows.cells.size(), m_columns.size()));
        Values values;
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            if (m_columns[i]) fill(values[*m_columns[i]], *m_columns[i], m_rows.cells[i]);
        return make_record(values, m_rows.line);
    }

private:
    [[noreturn]] void refuse_header(std::string_view column) const {
        if (!m_rows.cells.empty() && m_rows.cells.front().starts_with("SQLite format 3"))
            throw Error{ExitCode::usage, "the file is no export: it is an SQLite database",
                        "One of the former command-line tool comes in with: cti import --sqlite FILE"};
        throw Error{
            ExitCode::usage,
            fmt::format("the file is no export with texts: its first line names no column '{}'", column),
            "Make it with: cti export --format csv --fields "
            "source,title,url,published_at,authors,tags,summary,content"};
    }

    // The apostrophe that keeps spreadsheets from running a cell.
    void undefuse(std::string& cell) const {
        if (!m_options.csv_raw && cell.starts_with('\'') &&
            looks_like_formula(std::string_view(cell).substr(1)))
            cell.erase(0, 1);
    }

    void fill(Value& value, Key key, std::string& cell) const {
        if (!is_valid_utf8(cell)) value.fault = "is no UTF-8";
        undefuse(cell);
        value.is_given = !cell.empty();
        if (!is_list(key))
            value.text = std::move(cell);
        else
            for (std::size_t pos = 0; value.is_given && pos != std::string::npos;)
                value.list.push_back(next_item(cell, pos));
    }
    static std::string next_item(const std::string& cell, std::size_t& pos) {
        constexpr std::string_view k_separator = "; ";
        const auto end = cell.find(k_separator, pos);
        auto item = cell.substr(pos, end == std::string::npos ? end : end - pos);
        pos = end == std::string::npos ? end : end + k_separator.size();
        return item;
    }

    RowReader m_rows;
    ReadOptions m_options;
    std::vector<std::optional<Key>> m_columns;
};
}

std::unique_ptr<Reader> make_csv_reader(Input input, const ReadOptions& options) {
    return std::make_unique<CsvReader>(std::move(input), options);
}
}
