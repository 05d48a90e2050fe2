#include "core/base/text.hpp"
#include "core/export/fields.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <array>

namespace cti::exporter {
namespace {
constexpr std::string_view k_article_columns[] = {"id",           "source_id", "title", "url",
                                                  "published_at", "authors",   "tags",  "summary"};
constexpr std::string_view k_indicator_columns[] = {
    "type", "value", "verdict", "count", "article_id", "source", "published_at", "title", "url"};

// RFC 4180: CRLF, quotes where a cell needs them. A byte order mark on demand only: scripts would read it as
// a part of the first column's name, but spreadsheets know UTF-8 by nothing else.
class CsvWriter : public Writer {
public:
    explicit CsvWriter(const Options& options)
        : m_of(options.of), m_raw(options.csv_raw), m_bom(options.bom) {
        if (m_of == Subject::articles)
            m_article_fields = choose_article_fields(options, k_article_columns);
        else
            m_indicator_fields = choose_indicator_fields(options, k_indicator_columns);
    }

    void begin(std::string& out) override {
        if (m_bom) out += "\xEF\xBB\xBF";
        std::vector<std::string> names;
        for (const auto& field : m_article_fields) names.emplace_back(field.name);
        for (const auto& field : m_indicator_fields) names.emplace_back(field.name);
        out += join(names, ",") + "\r\n";
    }

    void article(std::string& out, const StoredArticle& article) override {
        if (m_of == Subject::articles) return append_row(out, m_article_fields, article);
        for (const auto& finding : article.findings)
            append_row(out, m_indicator_fields, Occurrence{article, finding});
    }

private:
    template <class Item>
    void append_row(std::string& out, const std::vector<Field<Item>>& fields, const Item& item) {
        bool first = true;
        for (const auto& field : fields) {
            if (!first) out += ',';
            first = false;
            m_cell.clear();
            field.cell(m_cell, item);
            append_cell(out);
        }
        out += "\r\n";
    }

    // Spreadsheets run cells that start so; the apostrophe says "text" to all of them (OWASP, CSV injection).
    static bool looks_like_formula(std::string_view cell) {
        return !cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos;
    }

    // What a cell holds, in one pass without branches.
    enum Mark : unsigned char {
        k_quoted = 1,  // must stand in quotes
        k_checked = 2, // may be no UTF-8, or NUL
    };
    static constexpr std::array<unsigned char, 256> k_marks = [] {
        std::array<unsigned char, 256> marks{};
        for (const char c : {',', '"', '\r', '\n'}) marks[static_cast<unsigned char>(c)] = k_quoted;
        for (std::size_t c = 0x80; c < 0x100; ++c) marks[c] = k_checked;
        marks[0] = k_checked;
        return marks;
    }();
    static unsigned marks_of(std::string_view cell) {
        unsigned marks = 0;
        for (const char c : cell) marks |= k_marks[static_cast<unsigned char>(c)];
        return marks;
    }

    void append_cell(std::string& out) {
        const auto marks = marks_of(m_cell);
        if ((marks & k_checked) != 0 && (m_cell.find('\0') != std::string::npos || !is_valid_utf8(m_cell)))
            m_cell = repair_utf8(m_cell); // It drops NUL, at which some readers give up.
        if (!m_raw && looks_like_formula(m_cell)) m_cell.insert(m_cell.begin(), '\'');
        if ((marks & k_quoted) == 0) {
            out += m_cell;
            return;
        }
        out += '"';
        for (std::size_t start = 0; start < m_cell.size();) {
            const auto quote = std::min(m_cell.find('"', start), m_cell.size());
            out.append(m_cell, start, quote - start);
            if (quote < m_cell.size()) out += "\"\"";
            start = quote + 1;
        }
        out += '"';
    }

    Subject m_of;
    bool m_raw, m_bom;
    std::string m_cell; // kept for its memory
    std::vector<Field<StoredArticle>> m_article_fields;
    std::vector<Field<Occurrence>> m_indicator_fields;
};
}

Needs needs_csv(const Options& options) { return needs_of_fields(options, k_article_columns); }
std::unique_ptr<Writer> make_csv(const Options& options) { return std::make_unique<CsvWriter>(options); }
}
