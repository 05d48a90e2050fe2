#include "core/store/own/near_duplicates.hpp"

#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {

// Rows of one band that are looked at for one article: somebody may flood the database with texts that share
// one.
constexpr int k_max_band_rows = 1000;

std::string as_signed(std::uint64_t simhash) { return std::to_string(static_cast<std::int64_t>(simhash)); }

// The first article near to n.simhash, of those with a lower id than n.article_id: a LATERAL subquery with
// the columns article_id and distance. Nothing but the band stands in the inner subqueries: with an order or
// a range of article_id a planner without statistics takes the primary key. The index gives the ids of a band
// in their order by itself.
std::string first_near(const std::string& max_distance) {
    std::string bands;
    for (int band = 0; band < 4; ++band)
        bands += fmt::format(R"sql({}
                (SELECT s.article_id, s.simhash
                 FROM cti.simhashes s
                 WHERE s.band{} = ((n.simhash >> {}) & 65535)::integer
                 LIMIT {}))sql",
                             band ? "\n                UNION ALL" : "", band, 16 * band, k_max_band_rows);
    return fmt::format(R"sql((
            SELECT c.article_id, bit_count((c.simhash # n.simhash)::bit(64))::int AS distance
            FROM ({}) AS c
            WHERE c.article_id < n.article_id AND bit_count((c.simhash # n.simhash)::bit(64)) <= {}::int
            ORDER BY c.article_id
            LIMIT 1))sql",
                       bands, max_distance);
}

// "unnest(…) AS n (article_id, simhash)" with the casts that the statements need.
std::string new_rows(const std::vector<NewSimhash>& articles, db::Params& params) {
    std::vector<std::string> ids, simhashes;
    for (const auto& article : articles) {
        ids.push_back(std::to_string(article.article_id));
        simhashes.push_back(as_signed(article.simhash));
    }
    return fmt::format("unnest({}::int[], {}::bigint[]) AS n (article_id, simhash)",
                       params.add(fmt::format("{{{}}}", fmt::join(ids, ","))),
                       params.add(fmt::format("{{{}}}", fmt::join(simhashes, ","))));
}

void add_simhashes(db::Transaction& transaction, const std::vector<NewSimhash>& articles) {
    db::Params params;
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.simhashes (article_id, simhash)
        SELECT n.article_id, n.simhash
        FROM {}
        ON CONFLICT (article_id) DO UPDATE SET simhash = excluded.simhash)sql",
                    new_rows(articles, params)),
        params);
}

std::vector<NewSimhash> comparable(const std::vector<NewSimhash>& articles) {
    std::vector<NewSimhash> some;
    std::copy_if(articles.begin(), articles.end(), std::back_inserter(some),
                 [](const NewSimhash& article) { return article.simhash != 0; });
    return some;
}

// articles.simhash as two's complement; NULL for what is no simhash (numeric(20,0) holds NaN and 10^19 too).
std::string simhash_as_bigint(const db::Schema& schema) {
    if (schema.articles.columns.find("simhash")->second.type == "bigint") return "a.simhash";
    return R"sql((CASE
                   WHEN a.simhash NOT BETWEEN 1 AND 18446744073709551615 THEN NULL
                   WHEN a.simhash > 9223372036854775807 THEN (a.simhash - 18446744073709551616)::bigint
                   ELSE a.simhash::bigint
               END))sql";
}

// The web service leaves word_count empty in many rows; the length is known without reading the text.
std::string is_long_enough(const db::Schema& schema) {
    const auto words = schema.articles.has("word_count") ? "nullif(a.word_count, 0)" : "NULL::int";
    return fmt::format("coalesce({} >= {}, octet_length(a.content) >= {})", words, k_min_words_to_compare,
                       6 * k_min_words_to_compare);
}
}

std::vector<std::optional<Near>> find_near(db::Transaction& transaction,
                                           const std::vector<std::uint64_t>& simhashes, int max_distance) {
    std::vector<std::optional<Near>> found(simhashes.size());
    if (simhashes.empty()) return found;
    std::vector<std::string> texts;
    for (const auto simhash : simhashes) texts.push_back(as_signed(simhash));
    db::Params params;
    const auto array = params.add(fmt::format("{{{}}}", fmt::join(texts, ",")));
    const auto distance = params.add(std::min(max_distance, k_max_distance));
    const auto sql = fmt::format(R"sql(
        SELECT n.position, f.article_id, f.distance
        FROM (SELECT u.simhash, u.position, 2147483647 AS article_id
              FROM unnest({}::bigint[]) WITH ORDINALITY AS u (simhash, position)
              WHERE u.simhash <> 0) AS n
        CROSS JOIN LATERAL {} AS f)sql",
                                 array, first_near(distance));
    for (const auto& row : run(transaction, sql, params))
        found.at(number<std::size_t>(row[0]) - 1) = Near{number<int>(row[1]), number<int>(row[2])};
    return found;
}

int index_simhashes(db::Transaction& transaction, const std::vector<NewSimhash>& articles) {
    const auto some = comparable(articles);
    if (some.empty()) return 0;
    add_simhashes(transaction, some); // First: two of one batch may be near to each other.
    db::Params params;
    const auto rows = new_rows(some, params);
    const auto sql = fmt::format(R"sql(
        INSERT INTO cti.near_duplicates (article_id, first_article_id, distance)
        SELECT n.article_id, f.article_id, f.distance
        FROM {}
        CROSS JOIN LATERAL {} AS f
        ON CONFLICT (article_id) DO UPDATE
        SET first_article_id = excluded.first_article_id, distance = excluded.distance, found_at = now()
        RETURNING 1)sql",
                                 rows, first_near(params.add(k_max_distance)));
    return static_cast<int>(run(transaction, sql, params).size());
}

void link_simultaneous(db::Transaction& transaction, const std::vector<int>& articles) {
    if (articles.empty()) return;
    db::Params params;
    const auto ids = params.add(fmt::format("{{{}}}", fmt::join(articles, ",")));
    const auto distance = params.add(k_max_distance);
    // Those above mine, which looked before mine were there, are looked at in their turn: of each, the first
    // again.
    std::string above;
    for (int band = 0; band < 4; ++band)
        above += fmt::format(R"sql({}
                SELECT s.article_id, s.simhash
                FROM mine m
                CROSS JOIN LATERAL (SELECT b.article_id, b.simhash FROM cti.simhashes b WHERE b.band{} = m.band{} LIMIT {}) AS s
                WHERE s.article_id >= m.article_id AND bit_count((s.simhash # m.simhash)::bit(64)) <= {}::int)sql",
                             band ? "\n                UNION" : "", band, band, k_max_band_rows, distance);
    const auto sql = fmt::format(R"sql(
        WITH mine AS (
            SELECT * FROM cti.simhashes WHERE article_id = ANY ({}::int[])
        ), n AS ({}
        )
        INSERT INTO cti.near_duplicates AS d (article_id, first_article_id, distance)
        SELECT n.article_id, f.article_id, f.distance
        FROM n
        CROSS JOIN LATERAL {} AS f
        ORDER BY n.article_id
        ON CONFLICT (article_id) DO UPDATE
        SET first_article_id = excluded.first_article_id, distance = excluded.distance
        WHERE d.first_article_id > excluded.first_article_id)sql",
                                 ids, above, first_near(distance));
    run(transaction, sql, params);
}

void replace_simhashes(db::Transaction& transaction, const std::vector<NewSimhash>& articles) {
    std::vector<std::string> ids;
    for (const auto& article : articles) ids.push_back(std::to_string(article.article_id));
    db::Params params;
    run(transaction,
        fmt::format("DELETE FROM cti.simhashes WHERE article_id = ANY ({}::int[])",
                    params.add(fmt::format("{{{}}}", fmt::join(ids, ",")))),
        params);
    if (const auto some = comparable(articles); !some.empty()) add_simhashes(transaction, some);
}

void copy_simhashes(db::Transaction& transaction, const db::Schema& schema,
                    const std::vector<int>& article_ids) {
    if (article_ids.empty() || !schema.articles.has("simhash")) return;
    db::Params params;
    const auto ids = params.add(int_array(article_ids));
    const auto sql = fmt::format(R"sql(
        WITH gone AS (
            DELETE FROM cti.simhashes
            WHERE article_id = ANY ({0}::int[])
              AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.id = article_id AND {1} <> 0 AND {2})
        )
        INSERT INTO cti.simhashes (article_id, simhash)
        SELECT DISTINCT ON (n.id) n.id, n.simhash
        FROM (SELECT a.id, {1} AS simhash, {2} AS is_long
              FROM public.articles a
              WHERE a.id = ANY ({0}::int[])) AS n
        WHERE n.simhash <> 0 AND n.is_long
        ORDER BY n.id
        ON CONFLICT (article_id) DO UPDATE SET simhash = excluded.simhash)sql",
                                 ids, simhash_as_bigint(schema), is_long_enough(schema));
    run(transaction, sql, params);
}
}
