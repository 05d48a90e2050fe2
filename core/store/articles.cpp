#include "core/store/articles.hpp"

#include "core/store/columns.hpp"
#include "core/store/score.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cti::store {
namespace {

constexpr long k_portion_bytes = 1 << 20;
constexpr long k_max_portion_rows = 500;

using Json = nlohmann::json;

// Tolerant: real rows hold null, a single string, or numbers between the strings.
std::vector<std::string> read_list(std::string_view text) {
    std::vector<std::string> list;
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_array()) return list;
    for (const auto& item : json)
        if (item.is_string()) list.push_back(item.get<std::string>());
    return list;
}

StoredArticle read_article(const pqxx::row& row) {
    StoredArticle article;
    article.id = number<int>(row[0]);
    article.source_id = number<int>(row[1]);
    article.source = text(row[2]);
    article.title = text(row[3]);
    article.url = text(row[4]);
    article.discovered_at = maybe_time(row[6]).value_or(Time{});
    article.published_at = maybe_time(row[5]).value_or(article.discovered_at);
    article.authors = read_list(view(row[7]));
    article.tags = read_list(view(row[8]));
    article.summary = maybe_text(row[9]);
    article.content = text(row[10]);
    article.word_count = maybe_number<int>(row[11]);
    article.threat_hunting_score = read_score(view(row[12]));
    return article;
}

std::string conditions(const Schema& schema, const Selection& selection, const std::string& zone,
                       Params& params) {
    const auto& published = schema.articles.columns.find("published_at")->second;
    std::string where = schema.articles.has("archived") ? "a.archived IS NOT TRUE" : "true";
    const auto bound = [&](const char* comparison, Time time) {
        const auto moment = params.add(timestamp_text(time)) + "::timestamptz";
        where +=
            fmt::format(" AND a.published_at {} {}", comparison, as_column_time(published, moment, zone));
    };
    if (selection.since) bound(">=", *selection.since);
    if (selection.until) bound("<", *selection.until);
    if (!selection.source_ids.empty()) {
        TextArray ids;
        for (const int id : selection.source_ids) ids.add(std::to_string(id));
        where += fmt::format(" AND a.source_id = ANY ({}::int[])", params.add(ids.finish()));
    }
    return where;
}

void declare_cursor(Transaction& transaction, const Schema& schema, const Selection& selection) {
    const auto& table = schema.articles;
    Params params;
    const auto zone = params.add(schema.time_zone);
    const auto where = conditions(schema, selection, zone, params);
    // A minimum score is looked at here, after the server's LIMIT would have counted.
    const auto limit = selection.limit && !selection.min_score
                           ? fmt::format("LIMIT {}::bigint", params.add(*selection.limit))
                           : "";
    // The scalar subquery keeps an article whose source is gone, and one that has two, just once.
    run(transaction,
        fmt::format(R"sql(
        DECLARE cti_articles NO SCROLL CURSOR FOR
        SELECT id, source_id, (SELECT identifier FROM public.sources s WHERE s.id = a.source_id LIMIT 1), title, canonical_url,
               {}, {}, authors, tags, {}, content, {}, article_metadata
        FROM public.articles a
        WHERE {}
        ORDER BY a.published_at DESC NULLS LAST, a.id DESC
        {})sql",
                    read_time(table, "published_at", zone), read_time(table, "discovered_at", zone),
                    read_column(table, "summary"), read_column(table, "word_count"), where, limit),
        params);
}

// So many rows that the next portion is near k_portion_bytes, if its rows are like the largest of this one.
// At most twice as many as before, as a few short rows say little about those to come.
long next_portion(const pqxx::result& rows, long portion) {
    long largest = 1;
    for (const auto& row : rows) {
        long bytes = 0;
        for (const auto& field : row) bytes += static_cast<long>(field.size());
        largest = std::max(largest, bytes);
    }
    return std::clamp(k_portion_bytes / largest, 1L, std::min(portion * 2, k_max_portion_rows));
}
}

long for_each_article(Transaction& transaction, const Schema& schema, const Selection& selection,
                      const std::function<void(const StoredArticle&)>& use) {
    declare_cursor(transaction, schema, selection);
    const long limit = selection.limit.value_or(-1);
    long count = 0;
    for (long portion = 8; count != limit;) {
        const auto rows = run(transaction, fmt::format("FETCH {} FROM cti_articles", portion));
        if (rows.empty()) break;
        for (const auto& row : rows) {
            if (count == limit) break;
            const auto article = read_article(row);
            if (selection.min_score && article.threat_hunting_score.value_or(0) < *selection.min_score)
                continue;
            use(article);
            ++count;
        }
        portion = next_portion(rows, portion);
    }
    run(transaction, "CLOSE cti_articles");
    return count;
}
}
