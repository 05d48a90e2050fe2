#include "core/base/text.hpp"
#include "core/export/writers.hpp"

namespace cti::exporter {
namespace {
// RFC 4180: CRLF, quotes where a cell needs them. Without a byte order mark, which scripts would read as a
// part of "id".
class CsvWriter : public Writer {
public:
    explicit CsvWriter(bool raw) : m_raw(raw) {}

    void begin(std::string& out) override {
        out += "id,source_id,title,url,published_at,authors,tags,summary\r\n";
    }

    void article(std::string& out, const StoredArticle& article) override {
        out += std::to_string(article.id) + ',' + std::to_string(article.source_id);
        append_cell(out, article.title);
        append_cell(out, article.url);
        out += ',' + format_rfc3339(article.published_at);
        append_cell(out, join(article.authors, "; "));
        append_cell(out, join(article.tags, "; "));
        append_cell(out, article.summary.value_or(""));
        out += "\r\n";
    }

private:
    // Spreadsheets run cells that start so; the apostrophe says "text" to all of them (OWASP, CSV injection).
    static bool looks_like_formula(std::string_view cell) {
        return !cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos;
    }

    void append_cell(std::string& out, std::string_view text) const {
        auto cell = repair_utf8(text); // It drops NUL, at which some readers give up.
        if (!m_raw && looks_like_formula(cell)) cell.insert(cell.begin(), '\'');
        out += ',';
        if (cell.find_first_of(",\"\r\n") == std::string::npos) {
            out += cell;
            return;
        }
        out += '"';
        for (const char c : cell) out.append(c == '"' ? 2 : 1, c);
        out += '"';
    }

    bool m_raw;
};
}

std::unique_ptr<Writer> make_csv(const Options& options) {
    return std::make_unique<CsvWriter>(options.csv_raw);
}
}
