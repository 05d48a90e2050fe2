#include "core/store/own/orphans.hpp"

#include "core/store/own/progress.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>
#include <initializer_list>

namespace cti::store {
namespace {

constexpr int k_orphan_batch = 5000; // rows that are looked at, or removed, by one statement

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

// Those that were stored, and went with their source: nobody has deleted them one by one, so that another
// source that has them as duplicates may store them now.
long remove_duplicates_of(db::Transaction& transaction, const std::string& article_ids) {
    db::Params params;
    return removed(transaction,
                   fmt::format(R"sql(
        DELETE FROM cti.seen_entries e
        WHERE e.article_id = ANY ({}::int[])
          AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.id = e.article_id))sql",
                               params.add(article_ids)),
                   params);
}

long remove_entries_of_sources(db::Transaction& transaction) {
    const auto row = run(transaction, fmt::format(R"sql({},
        gone AS (
            DELETE FROM cti.seen_entries
            WHERE ctid = ANY (ARRAY(
                SELECT e.ctid
                FROM known
                JOIN cti.seen_entries e ON e.source_id = known.id
                WHERE NOT EXISTS (SELECT 1 FROM public.sources s WHERE s.id = known.id)
                LIMIT {}))
            RETURNING article_id, reason
        )
        SELECT count(*), coalesce(array_agg(article_id) FILTER (WHERE article_id IS NOT NULL AND reason = ''), '{{}}')
        FROM gone)sql",
                                                  k_sources_with_entries, k_orphan_batch))[0];
    const auto stored = text(row[1]);
    return number<long>(row[0]) + (stored == "{}" ? 0 : remove_duplicates_of(transaction, stored));
}

// What belongs to articles that are gone. One walk through a table that knows each article of some tables
// finds them for all of those: a portion a call, and from the start again when it is through. The
// articles' ids have the portion's bounds too: a join would read those of all articles.
struct Walk {
    StepDone task; // where it goes on
    const char* through;
    std::initializer_list<const char*> tables;
};

long remove_of_articles(db::Transaction& transaction, const Walk& walk) {
    const auto& task = walk.task;
    constexpr int k_walk = 4 * k_orphan_batch; // cti.derived has a row for each step
    db::Params params;
    const auto mark = read_progress(transaction, task);
    const auto from = params.add(mark);
    const auto row = run(transaction,
                         fmt::format(R"sql(
        WITH next AS (
            SELECT article_id
            FROM {2}
            WHERE article_id > {0}::bigint
            ORDER BY article_id
            LIMIT {1}
        ), orphans AS (
            SELECT DISTINCT n.article_id AS id
            FROM next n
            WHERE NOT EXISTS (
                SELECT 1
                FROM public.articles a
                WHERE a.id = n.article_id AND a.id > {0}::bigint AND a.id <= (SELECT max(article_id) FROM next))
        )
        SELECT (SELECT coalesce(array_agg(id), '{{}}') FROM orphans), (SELECT count(*) FROM next), (SELECT max(article_id) FROM next))sql",
                                     from, k_walk, walk.through),
                         params)[0];
    const bool is_through = number<long>(row[1]) < k_walk;
    const auto next = is_through ? 0 : number<long>(row[2]);
    keep_progress(transaction, task, next);
    const auto orphans = text(row[0]);
    if (orphans == "{}") return 0;
    long count = 0;
    for (const auto* table : walk.tables) {
        db::Params ids;
        count += removed(
            transaction,
            fmt::format("DELETE FROM {} WHERE article_id = ANY ({}::int[])", table, ids.add(orphans)), ids);
    }
    return count;
}

long remove_hosts(db::Transaction& transaction) {
    return removed(transaction, R"sql(
        DELETE FROM cti.host_state
        WHERE coalesce(robots_at, '-infinity') < now() - interval '7 days'
          AND coalesce(hold_until, '-infinity') < now())sql");
}
}

namespace {
constexpr StepDone k_walk{"orphans", 1};

bool has_sources(db::Transaction& transaction) {
    return !run(transaction, "SELECT 1 FROM public.sources LIMIT 1").empty();
}

long remove_of_sources(db::Transaction& transaction) {
    return remove_states(transaction) + remove_entries_of_sources(transaction);
}

long remove_rest(db::Transaction& transaction) {
    // cti.derived knows each article of which something was made; read, an article is by a name alone.
    long count = remove_of_articles(transaction, {k_walk,
                                                  "cti.derived",
                                                  {"cti.derived", "cti.simhashes", "cti.near_duplicates",
                                                   "cti.indicators", "cti.article_words"}});
    count += remove_of_articles(transaction, {{"orphans_read", 1}, "cti.read_marks", {"cti.read_marks"}});
    count += remove_of_articles(transaction, {{"orphans_analyses", 1}, "cti.analyses", {"cti.analyses"}});
    return count + remove_hosts(transaction);
}

bool has_walked_lately(db::Transaction& transaction) {
    db::Params params;
    return !run(transaction,
                fmt::format(
                    "SELECT 1 FROM cti.progress WHERE task = {} AND updated_at > now() - interval '1 hour'",
                    params.add(std::string(k_walk.name))),
                params)
                .empty();
}
}

long remove_orphans(db::Transaction& transaction) {
    if (!has_sources(transaction)) return 0;
    return remove_of_sources(transaction) + remove_rest(transaction);
}

void remove_urgent_orphans(db::Transaction& transaction) {
    if (!has_sources(transaction)) return;
    remove_of_sources(transaction);
    if (!has_walked_lately(transaction)) remove_rest(transaction);
}
}
