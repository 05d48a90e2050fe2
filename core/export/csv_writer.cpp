#include "core/base/text.hpp"
#include "core/export/csv_cell.hpp"
#include "core/export/fields.hpp"
#include "core/export/writers.hpp"

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
            append_csv_cell(out, m_cell, m_raw);
        }
        out += "\r\n";
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
