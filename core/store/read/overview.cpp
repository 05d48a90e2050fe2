#include "core/store/read/overview.hpp"

#include "core/store/own/due.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/score.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

constexpr long k_counted_exactly = 1'000'000;
constexpr int k_max_metadata = 65'536; // bytes of an article, where its score is looked for
constexpr int k_counting_window =
    20'000; // discovered_at has no index; the newest rows by id are those of the last weeks

void count_articles(db::Transaction& transaction, const db::Schema& schema, Contents& contents) {
    const auto about =
        run(transaction, "SELECT reltuples::bigint FROM pg_class WHERE oid = 'public.articles'::regclass");
    contents.articles = number<long>(about[0][0]);
    contents.is_estimate = contents.articles > k_counted_exactly;
    if (contents.is_estimate) return;
    const auto sql = fmt::format("SELECT count(*) FROM public.articles a{}",
                                 schema.articles.has("archived") ? " WHERE a.archived IS NOT TRUE" : "");
    contents.articles = number<long>(run(transaction, sql)[0][0]);
}

void read_newest_published(db::Transaction& transaction, const db::Schema& schema, Contents& contents) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto& column = schema.articles.columns.find("published_at")->second;
    // A date of tomorrow is a mistake of the feed, and would hide for a day that nothing new comes.
    const auto sql = fmt::format("SELECT {} FROM public.articles a WHERE published_at <= {}",
                                 read_time_of(schema, column, "max(published_at)", zone),
                                 as_column_time(column, "now() + interval '1 hour'", zone));
    contents.newest_published = maybe_time(run(transaction, sql, params)[0][0]);
}

void count_by_day(db::Transaction& transaction, const db::Schema& schema, Contents& contents) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto& column = schema.articles.columns.find("discovered_at")->second;
    const auto moment = as_moment(column, "r.discovered_at", zone);
    const auto sql = fmt::format(R"sql(
        WITH recent AS (
            SELECT source_id, discovered_at FROM public.articles ORDER BY id DESC LIMIT {0}
        ), days AS (
            SELECT generate_series(0, 13) AS back
        ), found AS (
            SELECT ((now() AT TIME ZONE 'UTC')::date - ({1} AT TIME ZONE 'UTC')::date) AS back, count(*) AS n
            FROM recent r
            WHERE {1} > now() - interval '15 days' AND {2}::text IS NOT NULL
            GROUP BY 1
        )
        SELECT to_char((now() AT TIME ZONE 'UTC')::date - d.back, 'YYYY-MM-DD'), coalesce(f.n, 0)
        FROM days d
        LEFT JOIN found f USING (back)
        ORDER BY d.back DESC)sql",
                                 k_counting_window, moment, zone);
    for (const auto& row : run(transaction, sql, params))
        contents.by_day.emplace_back(text(row[0]), number<long>(row[1]));

    db::Params again;
    const auto since = as_column_time(column, "now() - interval '24 hours'", again.add(schema.time_zone));
    const auto per_source = fmt::format(R"sql(
        SELECT r.source_id, count(*)
        FROM (SELECT source_id, discovered_at FROM public.articles ORDER BY id DESC LIMIT {}) AS r
        WHERE r.discovered_at >= {}
        GROUP BY 1)sql",
                                        k_counting_window, since);
    for (const auto& row : run(transaction, per_source, again))
        contents.last_24h[number<int>(row[0])] = number<long>(row[1]);
}

// The score is read here: the server's function starts a subtransaction, which a parallel plan may not.
void read_newest(db::Transaction& transaction, const db::Schema& schema, int limit, Contents& contents) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto sql = fmt::format(
        R"sql(
        SELECT a.id, coalesce(s.identifier, ''), left(a.title, 300), left(a.canonical_url, 2001), {},
               CASE WHEN pg_column_size(a.article_metadata) < {} THEN a.article_metadata::text END
        FROM public.articles a
        LEFT JOIN public.sources s ON s.id = a.source_id
        {}
        ORDER BY a.id DESC
        LIMIT {}::int)sql",
        read_time_of(schema, schema.articles.columns.find("published_at")->second, "a.published_at", zone),
        k_max_metadata, schema.articles.has("archived") ? "WHERE a.archived IS NOT TRUE" : "",
        params.add(limit));
    for (const auto& row : run(transaction, sql, params))
        contents.newest.push_back({number<int>(row[0]), text(row[1]), text(row[2]), text(row[3]),
                                   maybe_time(row[4]), read_score(view(row[5]))});
}

void read_sizes(db::Transaction& transaction, Contents& contents) {
    contents.database_bytes =
        number<long>(run(transaction, "SELECT pg_database_size(current_database())")[0][0]);
    for (const auto& row : run(transaction, R"sql(
        SELECT schemaname || '.' || relname, n_dead_tup
        FROM pg_stat_user_tables
        WHERE (schemaname, relname) IN (('public', 'articles'), ('public', 'sources'), ('public', 'source_checks'),
                                        ('cti', 'source_state'), ('cti', 'seen_entries'), ('cti', 'counters')))sql"))
        contents.dead_rows[text(row[0])] = number<long>(row[1]);
}
}

std::map<int, std::string> last_errors(db::Transaction& transaction, const db::Schema& schema) {
    std::map<int, std::string> errors;
    if (!schema.source_checks.has("error_message")) return errors;
    for (const auto& row : run(transaction, fmt::format(R"sql(
        SELECT s.id, left(c.error_message, 500)
        FROM public.sources s
        CROSS JOIN LATERAL (SELECT k.error_message
                            FROM public.source_checks k
                            WHERE k.source_id = s.id AND NOT k.success
                            ORDER BY k.id DESC
                            LIMIT 1) AS c
        WHERE s.consecutive_failures > 0 AND {})sql",
                                                        k_not_internal)))
        errors[number<int>(row[0])] = text(row[1]);
    return errors;
}

Contents read_contents(db::Transaction& transaction, const db::Schema& schema, int newest) {
    Contents contents;
    count_articles(transaction, schema, contents);
    read_newest_published(transaction, schema, contents);
    count_by_day(transaction, schema, contents);
    read_newest(transaction, schema, newest, contents);
    read_sizes(transaction, contents);
    return contents;
}

std::optional<std::chrono::milliseconds>
time_to_next_due(db::Transaction& transaction, const db::Schema& schema, std::chrono::seconds early) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto due_at =
        fmt::format("({} - {})", due_moment(schema, zone), early_allowance(params.add(early.count())));
    const auto sql = fmt::format(R"sql(
        SELECT (extract(epoch FROM greatest(min(greatest({}, coalesce(t.lease_until, '-infinity'::timestamptz))), now()) - now()) * 1000)::bigint
        FROM public.sources s
        LEFT JOIN cti.source_state t ON t.source_id = s.id
        WHERE s.active AND {}
        HAVING count(*) > 0)sql",
                                 due_at, k_not_internal);
    const auto rows = run(transaction, sql, params);
    if (rows.empty()) return std::nullopt;
    return std::chrono::milliseconds{number<long>(rows[0][0])};
}

std::string last_migration(db::Transaction& transaction) {
    return text(run(transaction, "SELECT max(name) FROM cti.migrations")[0][0]);
}

void limit_statements(db::Transaction& transaction, std::chrono::milliseconds longest) {
    // SET takes no parameters; set_config() does, and true makes it end with the transaction.
    db::Params params;
    run(transaction,
        fmt::format("SELECT set_config('statement_timeout', {}, true)", params.add(longest.count())), params);
}
}
