#include "core/store/own/orphans.hpp"

#include "core/store/own/marks.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

constexpr int k_batch = 5000; // rows that are looked at, or removed, by one statement

long removed(db::Transaction& transaction, const std::string& sql, const db::Params& params = {}) {
    return static_cast<long>(run(transaction, sql, params).affected_rows());
}

// A leased source is being fetched: its holder will find out by itself.
long remove_states(db::Transaction& transaction) {
    return removed(transaction, R"sql(
        DELETE FROM cti.source_state t
        WHERE NOT EXISTS (SELECT 1 FROM public.sources s WHERE s.id = t.source_id)
          AND (t.lease_until IS NULL OR t.lease_until <= now()))sql");
}

// The sources with entries, one index look-up each.
constexpr const char* k_sources_with_entries = R"sql(
        WITH RECURSIVE known AS (
            SELECT min(source_id) AS id FROM cti.seen_entries
            UNION ALL
            SELECT (SELECT min(e.source_id) FROM cti.seen_entries e WHERE e.source_id > known.id)
            FROM known
            WHERE known.id IS NOT NULL
        ))sql";

long remove_entries_of_sources(db::Transaction& transaction) {
    return removed(transaction, fmt::format(R"sql({}
        DELETE FROM cti.seen_entries
        WHERE ctid = ANY (ARRAY(
            SELECT e.ctid
            FROM known
            JOIN cti.seen_entries e ON e.source_id = known.id
            WHERE NOT EXISTS (SELECT 1 FROM public.sources s WHERE s.id = known.id)
            LIMIT {})))sql",
                                            k_sources_with_entries, k_batch));
}

// Goes through `table` in the order of `key`, k_batch rows a call, and from the start again when it is
// through.
long remove_next(db::Transaction& transaction, const char* table, const char* mark_name) {
    db::Params params;
    const auto from = params.add(read_mark(transaction, mark_name));
    const auto row = run(transaction,
                         fmt::format(R"sql(
        WITH next AS (
            SELECT article_id
            FROM {0}
            WHERE article_id > {1}::bigint
            ORDER BY article_id
            LIMIT {2}
        ), gone AS (
            DELETE FROM {0}
            WHERE article_id IN (SELECT n.article_id
                                 FROM next n
                                 WHERE NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.id = n.article_id))
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM next), (SELECT max(article_id) FROM next))sql",
                                     table, from, k_batch),
                         params)[0];
    const bool is_through = number<long>(row[1]) < k_batch;
    const auto mark = is_through ? 0 : number<long>(row[2]);
    if (params.values()[0] != std::to_string(mark)) keep_mark(transaction, mark_name, mark);
    return number<long>(row[0]);
}

// Of the next source: entries whose article was deleted. They count as unknown already, see find_seen().
long remove_entries_of_articles(db::Transaction& transaction) {
    constexpr const char* mark_name = "orphans_seen";
    const auto mark = read_mark(transaction, mark_name);
    db::Params params;
    const auto next =
        run(transaction,
            fmt::format("SELECT min(source_id) FROM cti.seen_entries WHERE source_id > {}::bigint",
                        params.add(mark)),
            params);
    const auto source_id = maybe_number<long>(next[0][0]);
    if (source_id.value_or(0) != mark) keep_mark(transaction, mark_name, source_id.value_or(0));
    if (!source_id) return 0;
    db::Params of_source;
    return removed(transaction,
                   fmt::format(R"sql(
        DELETE FROM cti.seen_entries e
        WHERE e.source_id = {}::int AND e.article_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.id = e.article_id))sql",
                               of_source.add(*source_id)),
                   of_source);
}

long remove_hosts(db::Transaction& transaction) {
    return removed(transaction, R"sql(
        DELETE FROM cti.host_state
        WHERE coalesce(robots_at, '-infinity') < now() - interval '7 days'
          AND coalesce(hold_until, '-infinity') < now())sql");
}
}

long remove_orphans(db::Transaction& transaction) {
    if (run(transaction, "SELECT 1 FROM public.sources LIMIT 1").empty()) return 0;
    long count = remove_states(transaction) + remove_entries_of_sources(transaction);
    count += remove_entries_of_articles(transaction);
    count += remove_next(transaction, "cti.simhashes", "orphans_simhashes");
    count += remove_next(transaction, "cti.near_duplicates", "orphans_near");
    count += remove_next(transaction, "cti.indicators", "orphans_indicators");
    count += remove_next(transaction, "cti.extractions", "orphans_extractions");
    count += remove_next(transaction, "cti.article_words", "orphans_words");
    return count + remove_hosts(transaction);
}
}
