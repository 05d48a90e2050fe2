#include "core/store/read/origin.hpp"

#include "core/base/json.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cti::store {
namespace {
using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Anybody may have written it.
Json parse_metadata(std::string_view metadata) {
    constexpr int deepest = 64;
    return is_nested_deeper(metadata, deepest) ? Json() : Json::parse(metadata, nullptr, false);
}

void add_metadata(std::string_view metadata, Origin& origin) {
    const auto json = parse_metadata(metadata);
    if (!json.is_object()) return;
    const auto entry = json.find("feed_entry");
    if (entry != json.end())
        origin.entry_id = text_of(*entry, "id"), origin.entry_link = text_of(*entry, "link");
    origin.method = text_of(json, "extraction_method");
    origin.text = text_of(json, "content_source");
    origin.title = text_of(json, "title_source");
    origin.date = text_of(json, "date_source");
    origin.authors = text_of(json, "author_source");
    origin.collector = text_of(json, "collector");
}

std::vector<int> ids_of(const pqxx::result& rows) {
    std::vector<int> ids;
    for (const auto& row : rows) ids.push_back(number<int>(row[0]));
    return ids;
}

std::optional<Time> read_first_seen(db::Transaction& transaction, const StoredArticle& article) {
    db::Params params;
    const auto source = params.add(article.source_id), id = params.add(article.id);
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT {}
        FROM cti.seen_entries e
        WHERE e.source_id = {}::int AND e.article_id = {}::int AND e.reason = '')sql",
                                      read_moment("min(e.first_seen)"), source, id),
                          params);
    return rows.empty() ? std::nullopt : maybe_time(rows[0][0]);
}
}

std::vector<int> find_ids_by_url(db::Transaction& transaction, const db::Schema& schema,
                                 const std::vector<std::string>& urls) {
    db::TextArray wanted;
    for (const auto& url : urls) wanted.add(url);
    db::Params params;
    return ids_of(run(transaction,
                      fmt::format(R"sql(
        SELECT a.id
        FROM public.articles a
        WHERE a.canonical_url = ANY ({}::text[]){}
        ORDER BY a.published_at DESC, a.id DESC)sql",
                                  params.add(wanted.finish()),
                                  schema.articles.has("archived") ? " AND a.archived IS NOT TRUE" : ""),
                      params));
}

Origin read_origin(db::Transaction& transaction, const StoredArticle& article) {
    Origin origin;
    db::Params params;
    const auto id = params.add(article.id), source = params.add(article.source_id);
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT a.article_metadata, s.rss_url, s.url
        FROM public.articles a
        LEFT JOIN public.sources s ON s.id = {}::int
        WHERE a.id = {}::int
        LIMIT 1)sql",
                                      source, id),
                          params);
    if (rows.empty()) return origin;
    add_metadata(view(rows[0][0]), origin);
    origin.feed_url = maybe_text(rows[0][1]).value_or("");
    if (origin.feed_url.empty()) origin.feed_url = maybe_text(rows[0][2]).value_or("");
    origin.first_seen = read_first_seen(transaction, article);
    db::Params of_article;
    const auto steps =
        run(transaction,
            fmt::format("SELECT step, version FROM cti.derived WHERE article_id = {}::int ORDER BY step",
                        of_article.add(article.id)),
            of_article);
    for (const auto& row : steps) origin.derived.emplace_back(text(row[0]), number<int>(row[1]));
    return origin;
}

std::vector<int> find_near_articles(db::Transaction& transaction, int article_id) {
    db::Params params;
    const auto id = params.add(article_id);
    return ids_of(run(transaction,
                      fmt::format(R"sql(
        WITH first AS (
            SELECT coalesce((SELECT d.first_article_id FROM cti.near_duplicates d WHERE d.article_id = {0}::int), {0}::int) AS id
        )
        SELECT n.id
        FROM (SELECT f.id FROM first f
              UNION
              SELECT d.article_id FROM first f JOIN cti.near_duplicates d ON d.first_article_id = f.id
              UNION
              SELECT d.article_id FROM cti.near_duplicates d WHERE d.first_article_id = {0}::int) AS n (id)
        WHERE n.id <> {0}::int
        ORDER BY n.id
        LIMIT 50)sql",
                                  id),
                      params));
}
}
