#include "core/store/own/leases.hpp"

#include "core/store/own/due.hpp"
#include "core/store/own/source_state_row.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/source_row.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace cti::store {
namespace {

std::string id_array(const std::vector<int>& ids) { return fmt::format("{{{}}}", fmt::join(ids, ",")); }

// Which sources may be claimed at all, due or not.
std::string eligible(const ClaimOptions& options, db::Params& params) {
    std::string where = k_not_internal;
    if (!options.force || options.source_ids.empty()) where += "\n          AND s.active";
    if (!options.source_ids.empty())
        where +=
            fmt::format("\n          AND s.id = ANY ({}::int[])", params.add(id_array(options.source_ids)));
    if (!options.exclude_ids.empty())
        where +=
            fmt::format("\n          AND s.id <> ALL ({}::int[])", params.add(id_array(options.exclude_ids)));
    return where;
}

struct Leased {
    std::string token;
    SourceState state;
};

// Everything that another claimer can change in the meantime stands in the locked row, which the server looks
// at once more when it has the lock; public.sources is seen as of the statement's start.
std::unordered_map<int, Leased> lease_rows(db::Transaction& transaction, const db::Schema& schema,
                                           const ClaimOptions& options) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto due_at = due_moment(schema, zone);
    auto where =
        eligible(options, params) + "\n          AND (t.lease_until IS NULL OR t.lease_until <= now())";
    if (!options.force)
        where += fmt::format("\n          AND {} <= now() + {}", due_at,
                             early_allowance(params.add(options.early.count())));
    if (options.checked_before)
        where += fmt::format("\n          AND (t.checked_at IS NULL OR t.checked_at < {}::timestamptz)",
                             params.add(timestamp_text(*options.checked_before)));
    const auto limit = params.add(std::max(0, options.limit)), owner = params.add(options.owner),
               ttl = params.add(options.ttl.count());
    const auto sql = fmt::format(R"sql(
        WITH due AS (
            SELECT t.source_id
            FROM cti.source_state t
            JOIN public.sources s ON s.id = t.source_id
            WHERE {}
            ORDER BY {}, t.source_id
            LIMIT {}::int
            FOR UPDATE OF t SKIP LOCKED
        )
        UPDATE cti.source_state t
        SET lease_token = gen_random_uuid(), lease_owner = {}, lease_until = now() + make_interval(secs => {}::float8)
        WHERE t.source_id IN (SELECT source_id FROM due)
        RETURNING {}, t.source_id, t.lease_token)sql",
                                 where, due_at, limit, owner, ttl, state_columns());
    std::unordered_map<int, Leased> leased;
    for (const auto& row : run(transaction, sql, params))
        leased.emplace(number<int>(row[k_state_column_count]),
                       Leased{text(row[k_state_column_count + 1]), read_state(row)});
    return leased;
}

// The order of lease_rows() is lost in its UPDATE; this is the same once more.
std::vector<Source> read_leased(db::Transaction& transaction, const db::Schema& schema,
                                const std::unordered_map<int, Leased>& leased) {
    std::vector<int> ids;
    for (const auto& [id, lease] : leased) ids.push_back(id);
    db::Params params;
    auto sql = select_sources(schema, params);
    sql += fmt::format(
        "\n        JOIN cti.source_state t ON t.source_id = s.id\n        WHERE s.id = ANY ({}::int[])",
        params.add(id_array(ids)));
    sql += fmt::format("\n        ORDER BY {}, s.id", due_moment(schema, "$1"));
    return query_sources(transaction, sql, params);
}

// What is remembered belongs to one address: the operator or the web service may have given the source
// another.
void forget_other_address(SourceState& state, const std::string& feed_url) {
    if (state.feed_url == feed_url) return;
    state.feed_url = feed_url;
    state.cursor.clear();
    state.moved_to.clear();
    state.moved_seen = state.gone_seen = 0;
}
}

// In the order of the ids, so that two who do this at the same moment do not wait for each other in a circle.
// The bound for locks is set by the statement itself, as there is no transaction around it.
void create_missing_states(db::Database& database, const ClaimOptions& options) {
    db::Params params;
    const auto sql = fmt::format(R"sql(
        WITH bound AS MATERIALIZED (SELECT set_config('lock_timeout', '2s', true) AS is_set)
        INSERT INTO cti.source_state (source_id)
        SELECT DISTINCT s.id
        FROM bound b
        JOIN public.sources s ON b.is_set IS NOT NULL
        WHERE {}
          AND NOT EXISTS (SELECT 1 FROM cti.source_state t WHERE t.source_id = s.id)
        ORDER BY s.id
        ON CONFLICT DO NOTHING)sql",
                                 eligible(options, params));
    constexpr int attempts = 3;
    with_retry(
        database, [&](db::Transaction& single) { run(single, sql, params); }, attempts,
        db::Access::each_statement);
}

std::vector<Claim> claim_sources(db::Transaction& transaction, const db::Schema& schema,
                                 const ClaimOptions& options) {
    auto leased = lease_rows(transaction, schema, options);
    std::vector<Claim> claims;
    if (leased.empty()) return claims;
    for (auto& source : read_leased(transaction, schema, leased)) {
        const auto lease = leased.find(source.id);
        if (lease == leased.end()) continue; // Where the primary key is gone, two rows may have one id.
        Claim claim{std::move(source), std::move(lease->second.token), std::move(lease->second.state)};
        leased.erase(lease);
        forget_other_address(claim.state, claim.source.rss_url.value_or(""));
        claims.push_back(std::move(claim));
    }
    return claims;
}

std::vector<Claim> keep_leased(db::Transaction& transaction, std::vector<Claim> claims) {
    if (claims.empty()) return claims;
    std::vector<int> ids;
    for (const auto& claim : claims) ids.push_back(claim.source.id);
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT lease_token
        FROM cti.source_state
        WHERE source_id = ANY ({}::int[])
        ORDER BY source_id
        FOR UPDATE)sql",
                                 params.add(id_array(ids)));
    std::unordered_set<std::string> standing;
    for (const auto& row : run(transaction, sql, params)) standing.insert(text(row[0]));
    std::erase_if(claims, [&](const Claim& claim) { return !standing.contains(claim.token); });
    return claims;
}

std::vector<std::string> renew_leases(db::Transaction& transaction, const std::vector<std::string>& tokens,
                                      std::chrono::seconds ttl) {
    db::TextArray array;
    for (const auto& token : tokens) array.add(token);
    db::Params params;
    const auto all = params.add(array.finish()), seconds = params.add(ttl.count());
    const auto sql = fmt::format(R"sql(
        WITH renewed AS (
            UPDATE cti.source_state
            SET lease_until = now() + make_interval(secs => {1}::float8)
            WHERE source_id IN (SELECT source_id
                                FROM cti.source_state
                                WHERE lease_token::text = ANY ({0}::text[])
                                FOR UPDATE SKIP LOCKED)
        )
        SELECT k.token
        FROM unnest({0}::text[]) AS k (token)
        WHERE NOT EXISTS (SELECT 1 FROM cti.source_state t WHERE t.lease_token::text = k.token))sql",
                                 all, seconds);
    std::vector<std::string> lost;
    if (tokens.empty()) return lost;
    for (const auto& row : run(transaction, sql, params)) lost.push_back(text(row[0]));
    return lost;
}

bool release_lease(db::Transaction& transaction, int source_id, const std::string& token) {
    db::Params params;
    const auto sql = fmt::format(R"sql(
        UPDATE cti.source_state
        SET lease_token = NULL, lease_owner = '', lease_until = NULL
        WHERE source_id = {}::int AND lease_token::text = {}
        RETURNING 1)sql",
                                 params.add(source_id), params.add(token));
    return !run(transaction, sql, params).empty();
}

bool postpone(db::Transaction& transaction, int source_id, const std::string& token, std::chrono::seconds in,
              const std::string& reason) {
    db::Params params;
    const auto id = params.add(source_id), holder = params.add(token), seconds = params.add(in.count()),
               why = params.add(reason);
    const auto sql = fmt::format(R"sql(
        UPDATE cti.source_state
        SET next_check_at = now() + make_interval(secs => {}::float8), wait_reason = {},
            lease_token = NULL, lease_owner = '', lease_until = NULL
        WHERE source_id = {}::int AND lease_token::text = {})sql",
                                 seconds, why, id, holder);
    return run(transaction, sql, params).affected_rows() > 0;
}

long count_living_leases(db::Transaction& transaction, const std::vector<int>& source_ids) {
    db::Params params;
    std::string sql = "SELECT count(*) FROM cti.source_state WHERE lease_until > now()";
    if (!source_ids.empty())
        sql += fmt::format(" AND source_id = ANY ({}::int[])", params.add(id_array(source_ids)));
    return number<long>(run(transaction, sql, params)[0][0]);
}

Time server_time(db::Transaction& transaction) {
    return maybe_time(run(transaction, fmt::format("SELECT {}", read_moment("clock_timestamp()")))[0][0])
        .value();
}
}
