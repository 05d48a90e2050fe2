#include "core/store/read/stats.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

// The web service's own rows do not count, see is_internal().
constexpr const char* k_ours = "s.identifier NOT IN ('manual', 'eval_articles') AND s.url ~* '^https?://'";

std::string not_archived(const db::Schema& schema) {
    return schema.articles.has("archived") ? "a.archived IS NOT TRUE" : "true";
}

void count_sources(db::Transaction& transaction, Stats& stats) {
    const auto row = run(transaction, fmt::format(R"sql(
        SELECT count(*), count(*) FILTER (WHERE s.active), count(*) FILTER (WHERE s.active AND s.consecutive_failures >= 3),
               count(*) FILTER (WHERE s.active AND s.consecutive_failures BETWEEN 1 AND 2)
        FROM public.sources s
        WHERE {})sql",
                                                  k_ours))[0];
    stats.sources = number<long>(row[0]);
    stats.active_sources = number<long>(row[1]);
    stats.failing_sources = number<long>(row[2]);
    stats.warning_sources = number<long>(row[3]);
}

void count_articles(db::Transaction& transaction, const db::Schema& schema, Stats& stats) {
    const auto& table = schema.articles;
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto& discovered = table.columns.find("discovered_at")->second;
    const auto since = [&](const char* interval) {
        return fmt::format("count(*) FILTER (WHERE discovered_at >= {})",
                           as_column_time(discovered, fmt::format("now() - interval '{}'", interval), zone));
    };
    const auto& published = table.columns.find("published_at")->second;
    const auto sql =
        fmt::format(R"sql(
        SELECT count(*), {}, {}, {}, {}, {}, pg_database_size(current_database()), {}
        FROM public.articles a
        WHERE {})sql",
                    since("24 hours"), since("7 days"), since("30 days"),
                    read_time_of(schema, published, "min(published_at)", zone),
                    read_time_of(schema, published, "max(published_at)", zone),
                    read_time_of(schema, discovered, "max(discovered_at)", zone), not_archived(schema));
    const auto row = run(transaction, sql, params)[0];
    stats.articles = number<long>(row[0]);
    stats.articles_24h = number<long>(row[1]);
    stats.articles_7d = number<long>(row[2]);
    stats.articles_30d = number<long>(row[3]);
    stats.oldest = maybe_time(row[4]);
    stats.newest = maybe_time(row[5]);
    stats.database_bytes = number<long>(row[6]);
    stats.last_discovered = maybe_time(row[7]);
}

void count_per_source(db::Transaction& transaction, const db::Schema& schema, Stats& stats) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto sql = fmt::format(
        R"sql(
        SELECT s.identifier, coalesce(a.n, 0), {}
        FROM public.sources s
        LEFT JOIN (SELECT source_id, count(*) AS n, max(published_at) AS newest
                   FROM public.articles a
                   WHERE {}
                   GROUP BY source_id) AS a ON a.source_id = s.id
        WHERE {}
        ORDER BY 2 DESC, s.identifier COLLATE "C")sql",
        read_time_of(schema, schema.articles.columns.find("published_at")->second, "a.newest", zone),
        not_archived(schema), k_ours);
    for (const auto& row : run(transaction, sql, params))
        stats.per_source.push_back({text(row[0]), number<long>(row[1]), maybe_time(row[2])});
}

void count_silent_sources(db::Transaction& transaction, const db::Schema& schema, Stats& stats) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto since = as_column_time(schema.articles.columns.find("published_at")->second,
                                      "now() - interval '30 days'", zone);
    stats.silent_sources = number<long>(run(transaction,
                                            fmt::format(R"sql(
        SELECT count(*)
        FROM public.sources s
        WHERE s.active AND {}
          AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.source_id = s.id AND a.published_at >= {} AND {}))sql",
                                                        k_ours, since, not_archived(schema)),
                                            params)[0][0]);
}

void count_per_day(db::Transaction& transaction, const db::Schema& schema, Stats& stats) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto& discovered = schema.articles.columns.find("discovered_at")->second;
    const auto day =
        fmt::format("({} AT TIME ZONE 'UTC')::date", as_moment(discovered, "a.discovered_at", zone));
    const auto since = as_column_time(discovered, "now() - interval '31 days'", zone);
    const auto sql = fmt::format(R"sql(
        WITH days AS (
            SELECT {} AS day, count(*) AS n
            FROM public.articles a
            WHERE a.discovered_at >= {} AND {}
            GROUP BY 1
        )
        SELECT to_char(d.day, 'YYYY-MM-DD'), coalesce(days.n, 0)
        FROM generate_series(0, 29) AS ago,
             LATERAL (SELECT (now() AT TIME ZONE 'UTC')::date - (29 - ago) AS day) AS d
        LEFT JOIN days ON days.day = d.day
        ORDER BY d.day)sql",
                                 day, since, not_archived(schema));
    for (const auto& row : run(transaction, sql, params))
        stats.per_day.push_back({text(row[0]), number<long>(row[1])});
}

void count_per_type(db::Transaction& transaction, Stats& stats) {
    const auto rows = run(transaction, R"sql(
        SELECT type, count(*), count(*) FILTER (WHERE verdict <> '')
        FROM cti.indicators
        GROUP BY type
        ORDER BY 2 DESC, type COLLATE "C")sql");
    for (const auto& row : rows)
        stats.per_type.push_back({text(row[0]), number<long>(row[1]), number<long>(row[2])});
}

void measure_tables(db::Transaction& transaction, Stats& stats) {
    const auto rows = run(transaction, R"sql(
        SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND (n.nspname = 'cti' OR (n.nspname = 'public' AND c.relname IN ('articles', 'sources', 'source_checks', 'content_hashes')))
        ORDER BY 2 DESC, 1)sql");
    for (const auto& row : rows) stats.per_table.push_back({text(row[0]), number<long>(row[1])});
    stats.near_duplicates =
        number<long>(run(transaction, "SELECT count(DISTINCT article_id) FROM cti.near_duplicates")[0][0]);
}
}

Stats read_stats(db::Transaction& transaction, const db::Schema& schema) {
    Stats stats;
    count_sources(transaction, stats);
    count_articles(transaction, schema, stats);
    count_per_source(transaction, schema, stats);
    count_silent_sources(transaction, schema, stats);
    count_per_day(transaction, schema, stats);
    count_per_type(transaction, stats);
    measure_tables(transaction, stats);
    return stats;
}
}
