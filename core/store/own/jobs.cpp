#include "core/store/own/jobs.hpp"

#include "core/base/text.hpp"
#include "core/store/own/job_totals.hpp"
#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {
constexpr int k_prune_batch = 1000;

std::vector<long> ids_of(const pqxx::result& rows) {
    std::vector<long> ids;
    for (const auto& row : rows) ids.push_back(number<long>(row[0]));
    return ids;
}

void tell_listeners(db::Transaction& transaction) {
    run_script(transaction, fmt::format("NOTIFY {}", k_jobs_channel));
}

std::optional<long> insert_job(db::Transaction& transaction, const NewJob& job) {
    db::Params params;
    const auto kind = params.add(job.kind), arguments = params.add(job.arguments_json),
               key = job.unique_key.empty() ? params.add_null() : params.add(job.unique_key),
               priority = params.add(job.priority), tries = params.add(job.max_attempts),
               by = params.add(job.created_by),
               at = job.run_at ? params.add(timestamp_text(*job.run_at)) : params.add_null();
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        INSERT INTO cti.jobs (kind, arguments, unique_key, priority, max_attempts, created_by, run_at)
        SELECT {}, {}::jsonb, {}, {}::int, {}::int, {}, coalesce({}::timestamptz, now())
        ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO NOTHING
        RETURNING id)sql",
                                      kind, arguments, key, priority, tries, by, at),
                          params);
    if (rows.empty()) return std::nullopt;
    return number<long>(rows[0][0]);
}

std::optional<long> find_by_key(db::Transaction& transaction, const std::string& key) {
    db::Params params;
    const auto rows = run(
        transaction, fmt::format("SELECT id FROM cti.jobs WHERE unique_key = {}", params.add(key)), params);
    if (rows.empty()) return std::nullopt;
    return number<long>(rows[0][0]);
}

// The columns that a job takes along when it ends; the values of the others come from the statement.
constexpr const char* k_kept =
    "id, kind, arguments, unique_key, priority, attempts, max_attempts, worker, created_by, created_at, started_at, run_at, retries";
}

AddedJob add_job(db::Transaction& transaction, const NewJob& job) {
    // The one that had the key may end between the two statements.
    for (int i = 0; i < 10; ++i) {
        if (const auto id = insert_job(transaction, job)) {
            tell_listeners(transaction);
            return {*id, true};
        }
        if (const auto id = find_by_key(transaction, job.unique_key)) return {*id, false};
    }
    throw db::LockTimeout();
}

void add_jobs(db::Transaction& transaction, std::span<const NewJob> jobs) {
    db::TextArray kinds, arguments, creators;
    std::vector<int> priorities, tries;
    for (const auto& job : jobs) {
        kinds.add(job.kind), arguments.add(job.arguments_json), creators.add(job.created_by);
        priorities.push_back(job.priority), tries.push_back(job.max_attempts);
    }
    db::Params params;
    const auto k = params.add(kinds.finish()), a = params.add(arguments.finish()),
               p = params.add(int_array(priorities)), t = params.add(int_array(tries)),
               c = params.add(creators.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.jobs (kind, arguments, priority, max_attempts, created_by)
        SELECT kind, arguments::jsonb, priority, max_attempts, created_by
        FROM unnest({}::text[], {}::text[], {}::int[], {}::int[], {}::text[])
             WITH ORDINALITY AS j (kind, arguments, priority, max_attempts, created_by, number)
        ORDER BY number)sql",
                    k, a, p, t, c),
        params);
    tell_listeners(transaction);
}

std::vector<long> finish_jobs(db::Transaction& transaction, std::span<const JobEnd> ends) {
    if (ends.empty()) return {};
    db::TextArray ids, tokens, states, codes, errors, results;
    for (const auto& end : ends) {
        ids.add(std::to_string(end.id)), tokens.add(std::to_string(end.token));
        states.add(std::string(name_of(end.state))), codes.add(std::to_string(end.exit_code));
        errors.add(end.error), results.add(end.result_json);
    }
    db::Params params;
    const auto i = params.add(ids.finish()), t = params.add(tokens.finish()), s = params.add(states.finish()),
               c = params.add(codes.finish()), e = params.add(errors.finish()),
               r = params.add(results.finish());
    return ids_of(run(transaction,
                      fmt::format(R"sql(
        WITH ended AS (
            SELECT *
            FROM unnest({}::bigint[], {}::bigint[], {}::text[], {}::int[], {}::text[], {}::jsonb[])
                 AS e (id, token, state, exit_code, error, result)
        ), gone AS (
            DELETE FROM cti.jobs j
            USING ended e
            WHERE j.id = e.id AND j.token = e.token AND j.state = 'running'
            RETURNING j.*, e.state AS end_state, e.exit_code, e.error, e.result
        )
        INSERT INTO cti.finished_jobs ({}, lease_expirations, state, exit_code, error, result)
        SELECT {}, lease_expirations, end_state, exit_code, error, result
        FROM gone
        RETURNING id)sql",
                                  i, t, s, c, e, r, k_kept, k_kept),
                      params));
}

std::vector<long> keep_finished_jobs(db::Transaction& transaction, const std::vector<long>& ids,
                                     std::string_view worker) {
    if (ids.empty()) return {};
    db::TextArray wanted;
    for (const auto id : ids) wanted.add(std::to_string(id));
    db::Params params;
    const auto among = params.add(wanted.finish()), by = params.add(worker);
    return ids_of(
        run(transaction,
            fmt::format("SELECT id FROM cti.finished_jobs WHERE id = ANY ({}::bigint[]) AND worker = {}",
                        among, by),
            params));
}

bool put_back_job(db::Transaction& transaction, long id, long token, std::chrono::seconds in,
                  const std::string& reason, bool is_try) {
    db::Params params;
    const auto job = params.add(id), held = params.add(token), wait = params.add(in.count()),
               why = params.add(reason), less = params.add(is_try ? 0 : 1);
    return run(transaction,
               fmt::format(R"sql(
        UPDATE cti.jobs
        SET state = 'ready', wait_reason = {1},
            run_at = CASE WHEN {0}::float8 > 0 THEN now() + make_interval(secs => {0}::float8) ELSE run_at END,
            attempts = attempts - {2}::int, retries = retries + 1 - {2}::int, token = NULL, worker = '', lease_until = NULL
        WHERE id = {3}::bigint AND token = {4}::bigint AND state = 'running')sql",
                           wait, why, less, job, held),
               params)
               .affected_rows() > 0;
}

RenewedJobs renew_jobs(db::Transaction& transaction, std::span<const JobClaim> held,
                       std::optional<std::chrono::seconds> lease) {
    RenewedJobs renewed;
    if (held.empty()) return renewed;
    db::TextArray ids, tokens;
    for (const auto& claim : held) ids.add(std::to_string(claim.id)), tokens.add(std::to_string(claim.token));
    db::Params params;
    const auto i = params.add(ids.finish()), t = params.add(tokens.finish());
    const auto among = fmt::format("unnest({}::bigint[], {}::bigint[]) AS h (id, token)", i, t);
    const auto sql = fmt::format(
        R"sql(SELECT h.id, coalesce(j.cancel_requested, false), j.id IS NULL
        FROM {} LEFT JOIN cti.jobs j ON j.id = h.id AND j.token = h.token AND j.state = 'running')sql",
        among);
    for (const auto& row : run(transaction, sql, params)) {
        if (flag(row[2])) renewed.lost.push_back(number<long>(row[0]));
        if (flag(row[1])) renewed.cancelled.push_back(number<long>(row[0]));
    }
    if (!lease) return renewed;
    const auto until = params.add(lease->count());
    run(transaction,
        fmt::format(R"sql(
        UPDATE cti.jobs j
        SET lease_until = now() + make_interval(secs => {}::float8)
        FROM {}
        WHERE j.id = h.id AND j.token = h.token AND j.state = 'running')sql",
                    until, among),
        params);
    return renewed;
}

ReapedJobs reap_jobs(db::Transaction& transaction) {
    const auto rows = run(transaction, fmt::format(R"sql(
        WITH late AS (
            SELECT id
            FROM cti.jobs
            WHERE state = 'running' AND lease_until < now()
            ORDER BY lease_until
            LIMIT {0}
            FOR UPDATE SKIP LOCKED
        ), again AS (
            UPDATE cti.jobs j
            SET state = 'ready', token = NULL, lease_until = NULL, run_at = now(),
                wait_reason = 'its worker ' || worker || ' was not heard of any more', worker = '',
                retries = j.retries + 1, lease_expirations = j.lease_expirations + 1
            FROM late
            WHERE j.id = late.id AND NOT j.cancel_requested AND j.attempts < j.max_attempts
            RETURNING 1
        ), gone AS (
            DELETE FROM cti.jobs j
            USING late
            WHERE j.id = late.id AND (j.cancel_requested OR j.attempts >= j.max_attempts)
            RETURNING j.*
        ), ended AS (
            INSERT INTO cti.finished_jobs ({1}, lease_expirations, state, exit_code, error, result)
            SELECT {1}, lease_expirations + 1, CASE WHEN cancel_requested THEN 'cancelled' ELSE 'dead' END, 1,
                   'its worker ' || worker || ' was not heard of any more', '{{}}'
            FROM gone
            RETURNING state
        )
        SELECT (SELECT count(*) FROM again), (SELECT count(*) FROM ended WHERE state = 'dead'),
               (SELECT count(*) FROM ended WHERE state = 'cancelled'))sql",
                                                   k_prune_batch, k_kept));
    const ReapedJobs reaped{number<long>(rows[0][0]), number<long>(rows[0][1]), number<long>(rows[0][2])};
    if (reaped.ready > 0) tell_listeners(transaction);
    return reaped;
}

CancelResult cancel_job(db::Transaction& transaction, long id) {
    db::Params params;
    const auto job = params.add(id);
    const auto gone = run(transaction,
                          fmt::format(R"sql(
        WITH gone AS (
            DELETE FROM cti.jobs WHERE id = {0}::bigint AND state = 'ready' RETURNING *
        )
        INSERT INTO cti.finished_jobs ({1}, lease_expirations, state, exit_code, error, result)
        SELECT {1}, lease_expirations, 'cancelled', 0, 'cancelled before it began', '{{}}'
        FROM gone)sql",
                                      job, k_kept),
                          params)
                          .affected_rows();
    if (gone > 0) return CancelResult::cancelled;
    const auto told =
        run(transaction,
            fmt::format("UPDATE cti.jobs SET cancel_requested = true WHERE id = {}::bigint", job), params)
            .affected_rows();
    if (told > 0) {
        tell_listeners(transaction);
        return CancelResult::requested;
    }
    const auto ended =
        run(transaction, fmt::format("SELECT FROM cti.finished_jobs WHERE id = {}::bigint", job), params);
    return ended.empty() ? CancelResult::unknown : CancelResult::finished;
}

RetryResult retry_job(db::Transaction& transaction, long id) {
    db::Params params;
    const auto job = params.add(id);
    const auto living =
        run(transaction, fmt::format("SELECT FROM cti.jobs WHERE id = {}::bigint", job), params);
    if (!living.empty()) return RetryResult::living;
    const auto ended =
        run(transaction, fmt::format("SELECT FROM cti.finished_jobs WHERE id = {}::bigint FOR UPDATE", job),
            params);
    if (ended.empty()) return RetryResult::unknown;
    const auto again = run(transaction,
                           fmt::format(R"sql(
        INSERT INTO cti.jobs (id, kind, arguments, unique_key, priority, max_attempts, created_by, created_at)
        SELECT id, kind, arguments, unique_key, priority, max_attempts, created_by, created_at
        FROM cti.finished_jobs
        WHERE id = {}::bigint
        ON CONFLICT DO NOTHING)sql",
                                       job),
                           params)
                           .affected_rows();
    if (again == 0) return RetryResult::key_taken;
    tell_listeners(transaction);
    count_removed_jobs(
        transaction,
        fmt::format("WITH gone AS (DELETE FROM cti.finished_jobs WHERE id = {}::bigint RETURNING *)", job),
        params);
    return RetryResult::ready;
}

bool release_job(db::Transaction& transaction, long id) {
    db::Params params;
    const bool is_done = run(transaction,
                             fmt::format(R"sql(
        UPDATE cti.jobs
        SET state = 'ready', token = NULL, worker = '', lease_until = NULL, run_at = now(), wait_reason = 'released by hand'
        WHERE id = {}::bigint AND state = 'running')sql",
                                         params.add(id)),
                             params)
                             .affected_rows() > 0;
    if (is_done) tell_listeners(transaction);
    return is_done;
}

long remove_old_jobs(db::Transaction& transaction, std::chrono::days keep, std::chrono::days keep_dead) {
    db::Params params;
    const auto done = params.add(keep.count()), dead = params.add(keep_dead.count());
    return count_removed_jobs(transaction,
                              fmt::format(R"sql(
        WITH old AS (
            SELECT id
            FROM cti.finished_jobs
            WHERE finished_at < now() - make_interval(days => CASE WHEN state IN ('dead', 'failed') THEN {1}::int ELSE {0}::int END)
            ORDER BY finished_at
            LIMIT {2}
            FOR UPDATE SKIP LOCKED
        ), lines AS (
            DELETE FROM cti.job_lines l USING old WHERE l.job_id = old.id
        ), gone AS (
            DELETE FROM cti.finished_jobs f USING old WHERE f.id = old.id RETURNING f.*
        ))sql",
                                          done, dead, k_prune_batch),
                              params);
}

void add_job_line(db::Transaction& transaction, long id, std::string_view line) {
    constexpr std::size_t k_max_line = 500;
    db::Params params;
    const auto job = params.add(id), said = params.add(printable(head_code_points(line, k_max_line)));
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.job_lines (job_id, number, line)
        SELECT {0}::bigint, coalesce(max(number), 0) + 1, {1} FROM cti.job_lines WHERE job_id = {0}::bigint)sql",
                    job, said),
        params);
    db::Params of_job;
    run(transaction,
        fmt::format(R"sql(
        DELETE FROM cti.job_lines
        WHERE job_id = {0}::bigint
          AND number <= (SELECT max(number) FROM cti.job_lines WHERE job_id = {0}::bigint) - {1})sql",
                    of_job.add(id), k_max_job_lines),
        of_job);
}
}
