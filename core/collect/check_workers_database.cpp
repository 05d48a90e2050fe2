#include "core/base/log.hpp"
#include "core/collect/backfill.hpp"
#include "core/collect/check_workers.hpp"
#include "core/db/stalled_sessions.hpp"
#include "core/net/gate.hpp"
#include "core/store/own/host_state.hpp"
#include "core/store/own/near_duplicates.hpp"

#include <algorithm>
#include <variant>

// What workers do at the database beside recording checks: claims, leases, robots.txt, and the index of
// search.
namespace cti::collect {

void CheckWorkers::do_database_task(DatabaseTask task) {
    try {
        std::visit([&](auto& what) { do_task(what); }, task);
    } catch (const db::LockTimeout&) {
        end_stalled_sessions();
        const std::lock_guard lock(m_mutex);
        // At the end what is given back is left to the lease's end; at a stop nothing needs to be claimed.
        if (m_is_closed) return;
        if (is_stopped() && std::holds_alternative<ClaimSources>(task)) {
            m_events.emplace_back(Claimed{});
            return m_settings.wake();
        }
        m_later.emplace_back(Clock::now() + k_pause_after_lock, std::move(task));
    }
}

// Whoever holds the lock may be one that nothing else ends.
void CheckWorkers::end_stalled_sessions() {
    const auto connection = m_connections.get();
    db::with_retry(*connection, [](db::Transaction& tx) { db::end_stalled_sessions(tx); });
}

std::string CheckWorkers::first_address(const Source& source) const {
    const auto* kind = source::find_kind(source, m_settings.kinds);
    return kind == nullptr ? source.url : kind->first_address(source);
}

// The try before may have been committed although its answer was lost: then its leases are ours, and nobody
// else would come for their sources until they have ended.
void CheckWorkers::claim(db::Transaction& transaction, ClaimSources& task) {
    auto& [options, claimed] = task;
    claimed.claims = store::keep_leased(transaction, std::move(claimed.claims));
    if (claimed.claims.empty()) {
        claimed.claims = store::claim_sources(transaction, m_schema, options);
        claimed.has_more = std::ssize(claimed.claims) >= options.limit;
    }
    std::vector<std::string> hosts;
    for (const auto& claim : claimed.claims) hosts.push_back(net::host_of(first_address(claim.source)));
    for (const auto& [host, state] : store::find_host_states(transaction, hosts))
        if (state.hold) claimed.holds.emplace(host, *state.hold);
}

void CheckWorkers::do_task(ClaimSources& task) {
    {
        const auto connection = m_connections.get();
        store::create_missing_states(*connection, task.options);
        db::with_retry(*connection, [&](db::Transaction& tx) { claim(tx, task); });
    }
    auto& claimed = task.claimed;
    std::vector<std::string> lists;
    for (const auto& claim : claimed.claims)
        if (const auto* kind = source::find_kind(claim.source, m_settings.kinds);
            kind != nullptr && kind->has_only_links)
            lists.push_back(kind->first_address(claim.source));
    claimed.robots = find_robots(lists);
    {
        const std::lock_guard lock(m_mutex);
        if (m_held.empty()) m_renewed = Clock::now();
        for (const auto& claim : claimed.claims) m_held.emplace(claim.source.id, claim.token);
    }
    tell(std::move(claimed));
}

void CheckWorkers::do_task(Robots& robots) {
    const auto connection = m_connections.get();
    db::with_retry(*connection, [&](db::Transaction& tx) {
        store::keep_robots(tx, robots.origin, robots.status, robots.text);
    });
}

void CheckWorkers::do_task(GiveBack& lease) {
    forget(lease.source_id);
    const auto connection = m_connections.get();
    db::with_retry(*connection,
                   [&](db::Transaction& tx) { store::release_lease(tx, lease.source_id, lease.token); });
}

// What another run has asked within a day need not be asked again.
std::map<std::string, net::KeptRobots> CheckWorkers::find_robots(const std::vector<std::string>& urls) {
    constexpr std::chrono::hours oldest{24};
    std::vector<std::string> origins;
    for (const auto& url : urls) origins.push_back(net::origin_of(url));
    std::map<std::string, net::KeptRobots> kept;
    if (origins.empty()) return kept;
    std::ranges::sort(origins);
    origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
    const auto connection = m_connections.get();
    db::with_retry(*connection, [&](db::Transaction& tx) {
        kept.clear();
        for (auto& [origin, state] : store::find_host_states(tx, origins))
            if (state.robots_age && *state.robots_age < oldest && state.robots_status > 0)
                kept.emplace(origin, net::KeptRobots{state.robots.value_or(""), state.robots_status});
    });
    return kept;
}

// Few at a time, so that an answer does not wait for long. The caller holds the lock.
std::vector<int> CheckWorkers::release_unlinked() {
    constexpr std::size_t most = 100;
    if (is_stopped()) m_unlinked.clear();
    const auto begin = m_unlinked.end() - static_cast<std::ptrdiff_t>(std::min(most, m_unlinked.size()));
    std::vector<int> articles(begin, m_unlinked.end());
    m_unlinked.erase(begin, m_unlinked.end());
    return articles;
}

// What cannot be linked for a lock is left as it is.
void CheckWorkers::link(const std::vector<int>& articles) {
    try {
        const auto connection = m_connections.get();
        db::with_retry(*connection, [&](db::Transaction& tx) { store::link_simultaneous(tx, articles); });
    } catch (const db::LockTimeout& error) {
        log::info("{} articles are not compared with those of others: {}", articles.size(), error.what());
    }
}

void CheckWorkers::forget(int source_id) {
    const std::lock_guard lock(m_mutex);
    m_held.erase(source_id);
}

// A third of their life before the end at the latest, even while many sources wait to be recorded.
void CheckWorkers::renew_when_due() {
    std::vector<std::string> tokens, lost;
    {
        const std::lock_guard lock(m_mutex);
        if (m_held.empty() || Clock::now() - m_renewed < m_settings.lease_ttl / 3) return;
        m_renewed = Clock::now();
        for (const auto& [id, token] : m_held) tokens.push_back(token);
    }
    try {
        const auto connection = m_connections.get();
        db::with_retry(*connection, [&](db::Transaction& tx) {
            lost = store::renew_leases(tx, tokens, m_settings.lease_ttl);
        });
    } catch (const db::LockTimeout&) {
        return; // Again in a third of their life, which is in time.
    }
    const std::lock_guard lock(m_mutex);
    // Those of other runs by now: their fence will tell, and there is nothing to renew.
    const auto count = std::erase_if(
        m_held, [&](const auto& held) { return std::ranges::find(lost, held.second) != lost.end(); });
    if (count > 0) log::info("{} leases were lost to other runs", count);
}
}
