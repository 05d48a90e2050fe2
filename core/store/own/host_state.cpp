#include "core/store/own/host_state.hpp"

#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {

constexpr std::size_t k_max_robots = 512 << 10; // bytes; RFC 9309 section 2.5: 500 KiB must be read
constexpr std::chrono::seconds k_max_hold = std::chrono::hours(24 * 7);

std::optional<std::chrono::seconds> maybe_seconds(const pqxx::field& field) {
    const auto seconds = maybe_number<std::int64_t>(field);
    return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}
}

std::map<std::string, HostState> find_host_states(db::Transaction& transaction,
                                                  const std::vector<std::string>& hosts) {
    db::TextArray array;
    for (const auto& host : hosts) array.add(host);
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT host, CASE WHEN hold_until > now() THEN ceil(extract(epoch FROM hold_until - now()))::bigint END,
               robots, robots_status, CASE WHEN robots_at IS NOT NULL THEN greatest(0, floor(extract(epoch FROM now() - robots_at)))::bigint END
        FROM cti.host_state
        WHERE host = ANY ({}::text[]))sql",
                                 params.add(array.finish()));
    std::map<std::string, HostState> states;
    if (hosts.empty()) return states;
    for (const auto& row : run(transaction, sql, params))
        states[text(row[0])] = {maybe_seconds(row[1]), maybe_text(row[2]), number<int>(row[3]),
                                maybe_seconds(row[4])};
    return states;
}

void hold_host(db::Transaction& transaction, const std::string& host, std::chrono::seconds hold) {
    db::Params params;
    const auto name = params.add(host),
               seconds = params.add(std::clamp(hold, std::chrono::seconds(0), k_max_hold).count());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.host_state AS h (host, hold_until)
        VALUES ({}, now() + make_interval(secs => {}::float8))
        ON CONFLICT (host) DO UPDATE SET hold_until = greatest(h.hold_until, excluded.hold_until))sql",
                    name, seconds),
        params);
}

void keep_robots(db::Transaction& transaction, const std::string& host, int status,
                 const std::optional<std::string>& robots) {
    db::Params params;
    const auto name = params.add(host), code = params.add(status),
               body = params.add(robots ? std::optional(robots->substr(0, k_max_robots)) : std::nullopt);
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.host_state (host, robots_status, robots, robots_at)
        VALUES ({}, {}::int, {}, now())
        ON CONFLICT (host) DO UPDATE
        SET robots_status = excluded.robots_status, robots = excluded.robots, robots_at = excluded.robots_at)sql",
                    name, code, body),
        params);
}
}
