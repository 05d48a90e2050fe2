#include "core/export/article_json.hpp"

#include "core/base/json.hpp"

namespace cti::exporter {

void append_article_json(std::string& out, const StoredArticle& article) {
    JsonWriter json(out);
    json.begin_object();
    json.member("id", article.id).member("source_id", article.source_id).key("source");
    if (article.source.empty()) {
        json.null();
    } else {
        json.value(article.source);
    }
    json.member("title", article.title).member("url", article.url);
    json.member("published_at", format_rfc3339(article.published_at));
    json.member("authors", article.authors).member("tags", article.tags).member("summary", article.summary);
    json.member("content", article.content);
    json.member("discovered_at", format_rfc3339(article.discovered_at));
    json.member("word_count", article.word_count)
        .member("threat_hunting_score", article.threat_hunting_score);
    json.key("indicators").begin_array().end_array();
    json.end_object();
}
}
