#include "core/export/fields.hpp"
#include "core/export/writers.hpp"

// json and ndjson: every key of docs/reference.md is always there, but for "analyses"; what is not known is
// null.
namespace cti::exporter {
namespace {
constexpr std::string_view k_article_keys[] = {
    "id",      "source_id", "source",  "title",         "url",        "published_at",         "authors",
    "tags",    "summary",   "content", "discovered_at", "word_count", "threat_hunting_score", "indicators",
    "analyses"};
constexpr std::string_view k_indicator_keys[] = {
    "type",  "value", "original", "defanged",   "verdict", "reading", "count", "sentence",
    "start", "end",   "in_title", "article_id", "source",  "title",   "url",   "published_at"};

// One object a line, so that line tools can read both.
class JsonLines : public Writer {
public:
    explicit JsonLines(const Options& options) : m_of(options.of) {
        if (m_of == Subject::articles)
            m_article_fields = choose_article_fields(options, k_article_keys);
        else
            m_indicator_fields = choose_indicator_fields(options, k_indicator_keys);
    }

    void article(std::string& out, const StoredArticle& article) override {
        if (m_of == Subject::articles) {
            separate(out);
            append_object(out, m_article_fields, article);
            return;
        }
        for (const auto& finding : article.findings) {
            separate(out);
            append_object(out, m_indicator_fields, Occurrence{article, finding});
        }
    }
    void end(std::string& out) override {
        if (!m_empty) out += '\n';
    }

protected:
    virtual std::string_view separator() const { return "\n"; }
    bool is_empty() const { return m_empty; }

private:
    void separate(std::string& out) {
        if (!m_empty) out += separator();
        m_empty = false;
    }

    Subject m_of;
    std::vector<Field<StoredArticle>> m_article_fields;
    std::vector<Field<Occurrence>> m_indicator_fields;
    bool m_empty = true;
};

class JsonArray : public JsonLines {
public:
    using JsonLines::JsonLines;
    void begin(std::string& out) override { out += '['; }
    void article(std::string& out, const StoredArticle& article) override {
        if (is_empty()) {
            const auto size = out.size();
            out += '\n';
            JsonLines::article(out, article);
            if (is_empty()) out.resize(size); // An article may have no indicator.
        } else {
            JsonLines::article(out, article);
        }
    }
    void end(std::string& out) override {
        JsonLines::end(out);
        out += "]\n";
    }

protected:
    std::string_view separator() const override { return ",\n"; }
};
}

Needs needs_json(const Options& options) { return needs_of_fields(options, k_article_keys); }
std::unique_ptr<Writer> make_json(const Options& options) { return std::make_unique<JsonArray>(options); }
std::unique_ptr<Writer> make_ndjson(const Options& options) { return std::make_unique<JsonLines>(options); }
}
