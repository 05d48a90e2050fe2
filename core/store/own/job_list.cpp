#include "core/store/own/job_list.hpp"

#include "core/base/text.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

// A job waits in the table as 'ready'; whether its time has come says the clock.
constexpr const char* k_living_state =
    "CASE WHEN state = 'ready' AND run_at > now() THEN 'scheduled' ELSE state END";

std::string living_columns() {
    return fmt::format(
        "id, kind, arguments, coalesce(unique_key, ''), priority, {}, {}, attempts, max_attempts, "
        "wait_reason, worker, {}, cancel_requested, created_by, {}, {}, NULL::bigint, 0, '', '{{}}'::jsonb",
        k_living_state, read_moment("run_at"), read_moment("lease_until"), read_moment("created_at"),
        read_moment("started_at"));
}

std::string finished_columns() {
    return fmt::format(
        "id, kind, arguments, coalesce(unique_key, ''), priority, state, NULL::bigint, attempts, "
        "max_attempts, '', worker, NULL::bigint, false, created_by, {}, {}, {}, exit_code, error, result",
        read_moment("created_at"), read_moment("started_at"), read_moment("finished_at"));
}

Job read_job(const pqxx::row& row) {
    Job job;
    job.id = number<long>(row[0]), job.kind = text(row[1]), job.arguments_json = text(row[2]);
    job.unique_key = text(row[3]), job.priority = number<int>(row[4]);
    job.state = find_value<JobState>(view(row[5])).value();
    job.run_at = maybe_time(row[6]);
    job.attempts = number<int>(row[7]), job.max_attempts = number<int>(row[8]);
    job.wait_reason = text(row[9]), job.worker = text(row[10]);
    job.lease_until = maybe_time(row[11]), job.cancel_requested = flag(row[12]);
    job.created_by = text(row[13]), job.created_at = maybe_time(row[14]).value();
    job.started_at = maybe_time(row[15]), job.finished_at = maybe_time(row[16]);
    job.exit_code = number<int>(row[17]), job.error = text(row[18]), job.result_json = text(row[19]);
    return job;
}

std::string where_of(const JobListOptions& options, const std::string& state, db::Params& params) {
    std::string where = "true";
    if (!options.states.empty()) {
        db::TextArray states;
        for (const auto each : options.states) states.add(std::string(name_of(each)));
        where += fmt::format(" AND {} = ANY ({}::text[])", state, params.add(states.finish()));
    }
    if (!options.kinds.empty()) {
        db::TextArray kinds;
        for (const auto& kind : options.kinds) kinds.add(kind);
        where += fmt::format(" AND kind = ANY ({}::text[])", params.add(kinds.finish()));
    }
    return where;
}

void append(std::vector<Job>& jobs, db::Transaction& transaction, const std::string& sql,
            const db::Params& params) {
    for (const auto& row : run(transaction, sql, params)) jobs.push_back(read_job(row));
}
}

std::vector<Job> list_jobs(db::Transaction& transaction, const JobListOptions& options) {
    std::vector<Job> jobs;
    {
        db::Params params;
        const auto where = where_of(options, k_living_state, params);
        append(
            jobs, transaction,
            fmt::format(
                "SELECT {} FROM cti.jobs WHERE {} ORDER BY state DESC, priority DESC, run_at, id LIMIT {}::int",
                living_columns(), where, params.add(options.limit)),
            params);
    }
    const auto left = options.limit - static_cast<int>(jobs.size());
    if (left <= 0) return jobs;
    db::Params params;
    const auto where = where_of(options, "state", params);
    append(jobs, transaction,
           fmt::format(
               "SELECT {} FROM cti.finished_jobs WHERE {} ORDER BY finished_at DESC, id DESC LIMIT {}::int",
               finished_columns(), where, params.add(left)),
           params);
    return jobs;
}

std::optional<Job> find_job(db::Transaction& transaction, long id) {
    db::Params params;
    const auto job = params.add(id);
    std::vector<Job> found;
    append(found, transaction,
           fmt::format("SELECT {} FROM cti.jobs WHERE id = {}::bigint", living_columns(), job), params);
    if (found.empty())
        append(found, transaction,
               fmt::format("SELECT {} FROM cti.finished_jobs WHERE id = {}::bigint", finished_columns(), job),
               params);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<JobLine> list_job_lines(db::Transaction& transaction, long id) {
    db::Params params;
    std::vector<JobLine> lines;
    for (const auto& row :
         run(transaction,
             fmt::format("SELECT {}, line FROM cti.job_lines WHERE job_id = {}::bigint ORDER BY number",
                         read_moment("said_at"), params.add(id)),
             params))
        lines.push_back({maybe_time(row[0]).value(), text(row[1])});
    return lines;
}

JobCounts count_jobs(db::Transaction& transaction) {
    JobCounts counts;
    for (const auto& row : run(transaction, fmt::format(R"sql(
        SELECT kind, {}, count(*) FROM cti.jobs GROUP BY 1, 2
        UNION ALL
        SELECT kind, state, count(*) FROM cti.finished_jobs WHERE finished_at > now() - interval '24 hours' GROUP BY 1, 2)sql",
                                                        k_living_state)))
        counts.by_kind[{text(row[0]), find_value<JobState>(view(row[1])).value()}] = number<long>(row[2]);
    const auto oldest = run(transaction, R"sql(
        SELECT extract(epoch FROM now() - min(run_at))::float8 FROM cti.jobs WHERE state = 'ready' AND run_at <= now())sql");
    counts.oldest_ready_s = maybe_number<double>(oldest[0][0]);
    return counts;
}

std::string_view state_of(const Worker& worker) {
    if (worker.is_draining) return "draining";
    return worker.jobs.empty() ? "idle" : "working";
}

std::vector<Worker> list_workers(db::Transaction& transaction, double max_silence_s) {
    db::Params params;
    std::vector<Worker> workers;
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT w.name, w.version, array_to_string(w.kinds, ' '), w.concurrency, w.is_draining, {}, {},
               extract(epoch FROM now() - w.heartbeat_at)::float8,
               array_to_string(ARRAY(SELECT j.id FROM cti.jobs j WHERE j.state = 'running' AND j.worker = w.name ORDER BY j.id), ' ')
        FROM cti.workers w
        WHERE w.heartbeat_at > now() - make_interval(secs => {}::float8)
        ORDER BY w.name)sql",
                                           read_moment("w.started_at"), read_moment("w.heartbeat_at"),
                                           params.add(max_silence_s)),
                               params)) {
        Worker worker;
        worker.name = text(row[0]), worker.version = text(row[1]);
        for (const auto kind : split(view(row[2]), ' '))
            if (!kind.empty()) worker.kinds.emplace_back(kind);
        worker.concurrency = number<int>(row[3]), worker.is_draining = flag(row[4]);
        worker.started_at = maybe_time(row[5]).value(), worker.heartbeat_at = maybe_time(row[6]).value();
        worker.silent_s = number<double>(row[7]);
        for (const auto id : split(view(row[8]), ' '))
            if (!id.empty()) worker.jobs.push_back(std::stol(std::string(id)));
        workers.push_back(std::move(worker));
    }
    return workers;
}

void beat_worker(db::Transaction& transaction, const Worker& worker) {
    db::TextArray kinds;
    for (const auto& kind : worker.kinds) kinds.add(kind);
    db::Params params;
    const auto name = params.add(worker.name), version = params.add(worker.version),
               all = params.add(kinds.finish()), concurrency = params.add(worker.concurrency),
               draining = params.add(worker.is_draining);
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.workers AS w (name, version, kinds, concurrency, is_draining)
        SELECT {}, {}, {}::text[], {}::int, {}::bool
        ON CONFLICT (name) DO UPDATE
        SET version = excluded.version, kinds = excluded.kinds, concurrency = excluded.concurrency,
            is_draining = excluded.is_draining, heartbeat_at = now())sql",
                    name, version, all, concurrency, draining),
        params);
    run(transaction, "DELETE FROM cti.workers WHERE heartbeat_at < now() - interval '1 hour'");
}

void remove_worker(db::Transaction& transaction, const std::string& name) {
    db::Params params;
    run(transaction, fmt::format("DELETE FROM cti.workers WHERE name = {}", params.add(name)), params);
}
}
