#include "core/store/own/jobs.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>
#include <unordered_set>

// Claiming: the one statement of the queue that must stay fast however many jobs have been.
namespace cti::store {
namespace {
std::string add_kinds(db::Params& params, const std::vector<std::string>& kinds) {
    db::TextArray names;
    for (const auto& kind : kinds) names.add(kind);
    return params.add(names.finish());
}

// The conditions of the parts of the order that are looked through, one after the other: a range of the index
// each.
std::vector<std::string> parts_of_order(db::Params& params, const std::optional<JobPlace>& after) {
    if (!after) return {"true"};
    const auto priority = params.add(after->priority), run_at = params.add(timestamp_text(after->run_at)),
               id = params.add(after->id);
    return {fmt::format("priority > {}::int", priority),
            fmt::format("priority = {}::int AND (run_at, id) > ({}::timestamptz, {}::bigint)", priority,
                        run_at, id)};
}

// Each part takes what those before it have left of the limit.
struct NextJobs {
    std::string ctes; // "next0 AS (…), next1 AS (…), "
    std::string ids;  // "SELECT id FROM next0 UNION ALL SELECT id FROM next1"
};
NextJobs next_jobs(const std::vector<std::string>& parts, const std::string& kinds,
                   const std::string& limit) {
    NextJobs next;
    std::string left = limit + "::int";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        next.ctes += fmt::format(R"sql(next{} AS (
            SELECT id
            FROM cti.jobs
            WHERE state = 'ready' AND run_at <= now() AND kind = ANY ({}::text[]) AND {}
            ORDER BY priority DESC, run_at, id
            LIMIT {}
            FOR UPDATE SKIP LOCKED
        ), )sql",
                                 i, kinds, parts[i], left);
        next.ids += fmt::format("{}SELECT id FROM next{}", i == 0 ? "" : " UNION ALL ", i);
        left += fmt::format(" - (SELECT count(*) FROM next{})", i);
    }
    return next;
}
}

std::vector<JobClaim> claim_jobs(db::Transaction& transaction, const JobClaimOptions& options) {
    std::vector<JobClaim> claims;
    if (options.limit <= 0 || options.kinds.empty()) return claims;
    db::Params params;
    const auto among = add_kinds(params, options.kinds), limit = params.add(options.limit),
               worker = params.add(options.worker), lease = params.add(options.lease.count());
    const auto next = next_jobs(parts_of_order(params, options.after), among, limit);
    // UPDATE returns rows in no order of its own.
    const auto sql = fmt::format(
        R"sql(
        WITH {}claimed AS (
            UPDATE cti.jobs j
            SET state = 'running', attempts = j.attempts + 1, token = nextval('cti.job_tokens'), worker = {},
                lease_until = now() + make_interval(secs => {}::float8), started_at = now(), wait_reason = ''
            FROM ({}) AS next
            WHERE j.id = next.id
            RETURNING j.id, j.token, j.kind, j.arguments, j.attempts, j.max_attempts, j.priority, j.run_at
        )
        SELECT id, token, kind, arguments, attempts, max_attempts, priority, {}
        FROM claimed
        ORDER BY priority DESC, run_at, id)sql",
        next.ctes, worker, lease, next.ids, read_moment("run_at"));
    for (const auto& row : run(transaction, sql, params))
        claims.push_back({number<long>(row[0]), number<long>(row[1]), text(row[2]), text(row[3]),
                          number<int>(row[4]), number<int>(row[5]), number<int>(row[6]),
                          maybe_time(row[7]).value()});
    return claims;
}

std::vector<JobClaim> keep_held_jobs(db::Transaction& transaction, std::vector<JobClaim> claims) {
    if (claims.empty()) return claims;
    db::TextArray ids;
    for (const auto& claim : claims) ids.add(std::to_string(claim.id));
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT token
        FROM cti.jobs
        WHERE id = ANY ({}::bigint[])
        ORDER BY id
        FOR UPDATE)sql",
                                 params.add(ids.finish()));
    std::unordered_set<long> held;
    for (const auto& row : run(transaction, sql, params)) held.insert(number<long>(row[0]));
    std::erase_if(claims, [&](const JobClaim& claim) { return !held.contains(claim.token); });
    return claims;
}

bool has_ready_job(db::Transaction& transaction, const std::vector<std::string>& kinds,
                   const std::optional<JobPlace>& after) {
    db::Params params;
    const auto among = add_kinds(params, kinds);
    std::string sql;
    for (const auto& part : parts_of_order(params, after))
        sql +=
            fmt::format("{}EXISTS (SELECT FROM cti.jobs WHERE state = 'ready' AND run_at <= now() AND kind "
                        "= ANY ({}::text[]) AND {})",
                        sql.empty() ? "SELECT " : " OR ", among, part);
    return flag(run(transaction, sql, params)[0][0]);
}
}
