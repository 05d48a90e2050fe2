#include "core/store/own/runs.hpp"

#include "core/store/own/counters.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
bool insert_run(db::Transaction& transaction, const RunRow& row) {
    db::Params params;
    const auto seconds = params.add(std::chrono::duration<double>(row.finished_at - row.started_at).count());
    const auto id = params.add(row.id), command = params.add(row.command), owner = params.add(row.owner),
               result = params.add(row.result);
    const auto sql =
        fmt::format(R"sql(
        INSERT INTO cti.runs (id, command, owner, result, started_at, finished_at,
                              sources, not_modified, failed, entries, inserted, updated, bytes)
        SELECT {}, {}, {}, {}, now() - make_interval(secs => {}::float8), now(),
               {}::int, {}::int, {}::int, {}::bigint, {}::bigint, {}::bigint, {}::bigint
        ON CONFLICT (id) DO NOTHING)sql",
                    id, command, owner, result, seconds, params.add(row.sources),
                    params.add(row.not_modified), params.add(row.failed), params.add(row.entries),
                    params.add(row.inserted), params.add(row.updated), params.add(row.bytes));
    return run(transaction, sql, params).affected_rows() > 0;
}
}

void record_run(db::Transaction& transaction, const RunRow& row) {
    if (!insert_run(transaction, row)) return;
    mark_schedule(transaction, row.command, row.result == "ok" || row.result == "partial",
                  std::chrono::duration<double>(row.finished_at - row.started_at).count());
    Counters counters;
    counters[{"cti_runs_total", fmt::format("command=\"{}\",result=\"{}\"", row.command, row.result)}] = 1;
    add_counters(transaction, counters);
}

bool may_record_runs(db::Transaction& transaction) {
    return flag(run(transaction, R"sql(
        SELECT NOT pg_is_in_recovery()
               AND has_table_privilege('cti.runs', 'INSERT')
               AND has_table_privilege('cti.counters', 'INSERT')
               AND has_table_privilege('cti.counters', 'UPDATE')
               AND has_table_privilege('cti.schedules', 'INSERT')
               AND has_table_privilege('cti.schedules', 'UPDATE'))sql")[0][0]);
}

std::vector<RunRow> recent_runs(db::Transaction& transaction, int limit) {
    db::Params params;
    std::vector<RunRow> rows;
    for (const auto& row :
         run(transaction,
             fmt::format(R"sql(
        SELECT id, command, owner, result, {}, {}, sources, not_modified, failed, entries, inserted, updated, bytes
        FROM cti.runs
        ORDER BY finished_at DESC, id
        LIMIT {}::int)sql",
                         read_moment("started_at"), read_moment("finished_at"), params.add(limit)),
             params))
        rows.push_back({text(row[0]), text(row[1]), text(row[2]), text(row[3]), maybe_time(row[4]).value(),
                        maybe_time(row[5]).value(), number<int>(row[6]), number<int>(row[7]),
                        number<int>(row[8]), number<long>(row[9]), number<long>(row[10]),
                        number<long>(row[11]), number<long>(row[12])});
    return rows;
}

std::vector<ScheduleRow> list_schedules(db::Transaction& transaction) {
    std::vector<ScheduleRow> rows;
    for (const auto& row :
         run(transaction, fmt::format("SELECT name, {}, {}, {}, last_duration_s FROM cti.schedules "
                                      "WHERE kind IS NULL OR last_run_at IS NOT NULL ORDER BY name",
                                      read_moment("next_run_at"), read_moment("last_run_at"),
                                      read_moment("last_success_at"))))
        rows.push_back({text(row[0]), maybe_time(row[1]), maybe_time(row[2]), maybe_time(row[3]),
                        number<double>(row[4])});
    return rows;
}

void mark_schedule(db::Transaction& transaction, const std::string& name, bool success, double duration_s) {
    db::Params params;
    const auto key = params.add(name), good = params.add(success), seconds = params.add(duration_s);
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.schedules AS s (name, last_run_at, last_success_at, last_duration_s)
        SELECT {}, now(), CASE WHEN {}::bool THEN now() END, {}::float8
        ON CONFLICT (name) DO UPDATE
        SET last_run_at = excluded.last_run_at,
            last_success_at = coalesce(excluded.last_success_at, s.last_success_at),
            last_duration_s = excluded.last_duration_s)sql",
                    key, good, seconds),
        params);
}

bool claim_scheduled(db::Transaction& transaction, const std::string& name,
                     std::chrono::microseconds next_in) {
    db::Params params;
    const auto key = params.add(name), seconds = params.add(std::chrono::duration<double>(next_in).count());
    const auto moment = fmt::format("now() + make_interval(secs => {}::float8)", seconds);
    run(transaction,
        fmt::format("INSERT INTO cti.schedules AS s (name, next_run_at) SELECT {}, {} ON CONFLICT (name) DO "
                    "UPDATE SET next_run_at = excluded.next_run_at WHERE s.next_run_at IS NULL",
                    key, moment),
        params);
    run(transaction,
        fmt::format(
            "UPDATE cti.schedules SET next_run_at = {1} WHERE name = {0} AND next_run_at > {1} + interval '1 minute'",
            key, moment),
        params);
    return run(transaction,
               fmt::format(R"sql(
        UPDATE cti.schedules
        SET next_run_at = {1}
        WHERE name = {0} AND next_run_at <= now())sql",
                           key, moment),
               params)
               .affected_rows() > 0;
}
}
