#include "core/store/own/schedules.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

// A worker that has not been heard of for a minute is taken for dead, as list_workers() does.
constexpr const char* k_has_worker = R"sql(EXISTS (
            SELECT FROM cti.workers w
            WHERE s.kind = ANY (w.kinds) AND NOT w.is_draining AND w.heartbeat_at > now() - interval '1 minute'))sql";

std::string plan_columns() {
    return fmt::format("s.name, s.cron, s.zone, s.kind, s.arguments, s.priority, s.is_enabled, {}, {}, "
                       "s.last_job_id, coalesce(s.monitors_until > now(), false), {}",
                       read_moment("s.next_run_at"), read_moment("s.last_slot_at"), k_has_worker);
}

Schedule read_plan(const pqxx::row& row) {
    Schedule plan;
    plan.name = text(row[0]), plan.cron = text(row[1]), plan.zone = text(row[2]), plan.kind = text(row[3]);
    plan.arguments_json = text(row[4]), plan.priority = number<int>(row[5]), plan.is_enabled = flag(row[6]);
    plan.next_run_at = maybe_time(row[7]), plan.last_slot_at = maybe_time(row[8]);
    plan.last_job_id = maybe_number<long>(row[9]);
    plan.is_kept_by_monitors = flag(row[10]), plan.has_worker = flag(row[11]);
    return plan;
}

std::vector<Schedule> read_plans(db::Transaction& transaction, const std::string& where,
                                 const db::Params& params = {}) {
    std::vector<Schedule> plans;
    const auto sql =
        fmt::format("SELECT {} FROM cti.schedules s WHERE s.kind IS NOT NULL AND {} ORDER BY s.name",
                    plan_columns(), where);
    for (const auto& row : run(transaction, sql, params)) plans.push_back(read_plan(row));
    return plans;
}
}

std::vector<Schedule> list_plans(db::Transaction& transaction) { return read_plans(transaction, "true"); }

std::optional<Schedule> find_plan(db::Transaction& transaction, const std::string& name) {
    db::Params params;
    const auto where = "s.name = " + params.add(name);
    auto plans = read_plans(transaction, where, params);
    if (plans.empty()) return std::nullopt;
    return std::move(plans.front());
}

bool add_plan(db::Transaction& transaction, const Schedule& schedule) {
    db::Params params;
    const auto name = params.add(schedule.name), kind = params.add(schedule.kind),
               arguments = params.add(schedule.arguments_json), cron = params.add(schedule.cron),
               zone = params.add(schedule.zone), priority = params.add(schedule.priority),
               enabled = params.add(schedule.is_enabled);
    // A row without a kind says when something of this name was done last.
    return run(transaction,
               fmt::format(R"sql(
        INSERT INTO cti.schedules AS s (name, kind, arguments, cron, zone, priority, is_enabled)
        SELECT {}, {}, {}::jsonb, {}, {}, {}::int, {}::bool
        ON CONFLICT (name) DO UPDATE
        SET kind = excluded.kind, arguments = excluded.arguments, cron = excluded.cron, zone = excluded.zone,
            priority = excluded.priority, is_enabled = excluded.is_enabled, next_run_at = NULL
        WHERE s.kind IS NULL)sql",
                           name, kind, arguments, cron, zone, priority, enabled),
               params)
               .affected_rows() > 0;
}

bool change_plan(db::Transaction& transaction, const Schedule& schedule) {
    db::Params params;
    const auto name = params.add(schedule.name), arguments = params.add(schedule.arguments_json),
               cron = params.add(schedule.cron), zone = params.add(schedule.zone),
               priority = params.add(schedule.priority), enabled = params.add(schedule.is_enabled);
    return run(transaction,
               fmt::format(R"sql(
        UPDATE cti.schedules
        SET arguments = {}::jsonb, cron = {}, zone = {}, priority = {}::int, is_enabled = {}::bool,
            next_run_at = NULL
        WHERE name = {} AND kind IS NOT NULL)sql",
                           arguments, cron, zone, priority, enabled, name),
               params)
               .affected_rows() > 0;
}

bool remove_plan(db::Transaction& transaction, const std::string& name) {
    db::Params params;
    const auto where = "name = " + params.add(name);
    return run(transaction,
               "UPDATE cti.schedules SET kind = NULL, cron = '', next_run_at = NULL, monitors_until = NULL "
               "WHERE kind IS NOT NULL AND " +
                   where,
               params)
               .affected_rows() > 0;
}

std::optional<long> lead(db::Transaction& transaction, const std::string& name, const std::string& holder,
                         std::chrono::seconds lease) {
    db::Params params;
    const auto what = params.add(name), who = params.add(holder), seconds = params.add(lease.count());
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        UPDATE cti.leaders
        SET term = term + CASE WHEN holder = {1} THEN 0 ELSE 1 END, holder = {1},
            lease_until = now() + make_interval(secs => {2}::float8)
        WHERE name = {0} AND (holder = {1} OR lease_until < now())
        RETURNING term)sql",
                                      what, who, seconds),
                          params);
    if (rows.empty()) return std::nullopt;
    return number<long>(rows[0][0]);
}

void resign(db::Transaction& transaction, const std::string& name, const std::string& holder) {
    db::Params params;
    const auto where = fmt::format("name = {} AND holder = {}", params.add(name), params.add(holder));
    run(transaction, "UPDATE cti.leaders SET lease_until = '-infinity' WHERE " + where, params);
}

DuePlans list_due_plans(db::Transaction& transaction) {
    DuePlans due;
    due.now = maybe_time(run(transaction, fmt::format("SELECT {}", read_moment("now()")))[0][0]).value();
    due.plans = read_plans(transaction,
                           fmt::format("s.is_enabled AND (s.next_run_at IS NULL OR s.next_run_at <= now()) "
                                       "AND coalesce(s.monitors_until <= now(), true) AND {}",
                                       k_has_worker));
    return due;
}

bool move_plan(db::Transaction& transaction, const Schedule& read, Time next, long term) {
    db::Params params;
    const auto name = params.add(read.name), to = params.add(timestamp_text(next)), in = params.add(term),
               from = read.next_run_at ? params.add(timestamp_text(*read.next_run_at)) : params.add_null();
    return run(transaction,
               fmt::format(R"sql(
        UPDATE cti.schedules
        SET next_run_at = {}::timestamptz
        WHERE name = {} AND kind IS NOT NULL AND is_enabled AND next_run_at IS NOT DISTINCT FROM {}::timestamptz
              AND EXISTS (SELECT FROM cti.leaders WHERE name = 'schedules' AND term = {}::bigint))sql",
                           to, name, from, in),
               params)
               .affected_rows() > 0;
}

void record_job(db::Transaction& transaction, const std::string& name, long job_id,
                const std::optional<Time>& slot) {
    db::Params params;
    const auto plan = params.add(name), job = params.add(job_id),
               moment = slot ? params.add(timestamp_text(*slot)) : params.add_null();
    run(transaction,
        fmt::format("UPDATE cti.schedules SET last_slot_at = coalesce({}::timestamptz, last_slot_at), "
                    "last_job_id = {}::bigint WHERE name = {}",
                    moment, job, plan),
        params);
}

std::optional<Schedule> keep_plan(db::Transaction& transaction, const std::string& name,
                                  std::chrono::seconds time) {
    db::Params params;
    const auto what = params.add(name), seconds = params.add(time.count());
    run(transaction,
        fmt::format("UPDATE cti.schedules SET monitors_until = now() + make_interval(secs => {}::float8) "
                    "WHERE name = {} AND kind IS NOT NULL",
                    seconds, what),
        params);
    return find_plan(transaction, name);
}
}
