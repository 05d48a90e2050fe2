#include "core/store/own/housekeeping.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
constexpr int k_removal_batch = 1000;

// condition: on `r`, the row; beside: more relations for it, with their comma.
long remove(db::Transaction& transaction, const std::string& table, const std::string& condition,
            db::Params& params, const std::string& beside = {}) {
    const auto sql = fmt::format(R"sql(
        DELETE FROM {0}
        WHERE ctid = ANY (ARRAY(
            SELECT r.ctid
            FROM {0} r{3}
            WHERE {1}
            LIMIT {2}
            FOR UPDATE OF r SKIP LOCKED)))sql",
                                 table, condition, k_removal_batch, beside);
    return static_cast<long>(run(transaction, sql, params).affected_rows());
}

std::string before(db::Params& params, std::chrono::days age) {
    return fmt::format("now() - make_interval(days => {}::int)", params.add(age.count()));
}
}

long remove_old_checks(db::Transaction& transaction, const db::Schema& schema, std::chrono::days age) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto limit =
        as_column_time(schema.source_checks.columns.find("check_time")->second, before(params, age), zone);
    // A source that has been quiet for long keeps the last that is known of it.
    return remove(
        transaction, "public.source_checks",
        fmt::format(
            "r.check_time < {} AND EXISTS (SELECT 1 FROM public.source_checks n WHERE n.source_id = r.source_id AND n.id > r.id)",
            limit),
        params);
}

// A feed that is switched off, fails or has not been checked still knows its entries: only what is older than
// the source's own last sight of its feed is forgotten.
long remove_old_entries(db::Transaction& transaction, std::chrono::days age) {
    db::Params params;
    const auto limit = before(params, age);
    return remove(
        transaction, "cti.seen_entries",
        fmt::format(
            "r.last_seen < {} AND n.source_id = r.source_id AND r.last_seen < n.latest - interval '2 days'",
            limit),
        params,
        ", (SELECT source_id, max(last_seen) AS latest FROM cti.seen_entries GROUP BY source_id) AS n");
}

long remove_old_runs(db::Transaction& transaction, std::chrono::days age) {
    db::Params params;
    const auto limit = before(params, age);
    return remove(
        transaction, "cti.runs",
        fmt::format(
            "r.finished_at < {} AND EXISTS (SELECT 1 FROM cti.runs n WHERE n.command = r.command AND n.result = 'ok' AND n.finished_at > r.finished_at)",
            limit),
        params);
}

long remove_old_notifications(db::Transaction& transaction, std::chrono::days age) {
    db::Params params;
    const auto limit = before(params, age);
    return remove(transaction, "cti.notifications",
                  fmt::format("r.created_at < {} AND r.next_attempt_at IS NULL", limit), params);
}

void refresh_statistics(db::Transaction& transaction) {
    // A role that may not, may not: ANALYZE then warns and goes on.
    run_script(
        transaction,
        "ANALYZE cti.source_state, cti.seen_entries, cti.simhashes, cti.near_duplicates, cti.counters, cti.runs");
}
}
