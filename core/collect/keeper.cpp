#include "core/collect/keeper.hpp"

#include "core/base/log.hpp"
#include "core/net/fetcher.hpp"
#include "core/store/host_state.hpp"

#include <algorithm>
#include <utility>

namespace cti::collect {
namespace {
using Clock = std::chrono::steady_clock;
}

Keeper::Keeper(store::Database& database, const store::Schema& schema, KeeperSettings settings)
    : m_database(database), m_schema(schema), m_settings(std::move(settings)), m_thread([this] { run(); }) {}

Keeper::~Keeper() {
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_changed.notify_one();
    }
    if (m_thread.joinable()) m_thread.join();
}

void Keeper::hand_over(Job job) {
    const std::lock_guard lock(m_mutex);
    m_jobs.push_back(std::move(job));
    m_changed.notify_one();
}

void Keeper::claim(store::ClaimOptions options) { hand_over(std::move(options)); }
void Keeper::give_back(const store::Claim& claim) { hand_over(GiveBack{claim.source.id, claim.token}); }
void Keeper::record(Fetched fetched) {
    {
        const std::lock_guard lock(m_mutex);
        ++m_to_record;
    }
    hand_over(std::move(fetched));
}

void Keeper::finish() {
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_changed.notify_one();
    }
    m_thread.join();
    const std::lock_guard lock(m_mutex);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

Keeper::News Keeper::take_news() {
    const std::lock_guard lock(m_mutex);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
    m_to_record -= m_news.outcomes.size();
    return std::exchange(m_news, {});
}

std::size_t Keeper::to_record() {
    const std::lock_guard lock(m_mutex);
    return m_to_record;
}

void Keeper::run() {
    try {
        for (std::unique_lock lock(m_mutex);;) {
            const auto next_renewal = m_settings.lease_ttl / 3;
            m_changed.wait_for(lock, next_renewal, [this] { return m_closed || !m_jobs.empty(); });
            if (m_jobs.empty() && m_closed) return;
            std::deque<Job> jobs;
            if (!m_jobs.empty()) jobs.push_back(std::move(m_jobs.front())), m_jobs.pop_front();
            lock.unlock();
            for (auto& job : jobs) std::visit([this](auto& what) { do_job(what); }, job);
            renew_when_due();
            lock.lock();
        }
    } catch (...) { // Handed to the calling thread, which throws it again.
        const std::lock_guard lock(m_mutex);
        m_failure = std::current_exception();
        m_settings.wake();
    }
}

void Keeper::do_job(store::ClaimOptions& options) {
    Claimed claimed;
    store::with_retry(m_database, [&](store::Transaction& tx) {
        claimed = {store::claim_sources(tx, m_schema, options), {}};
        std::vector<std::string> hosts;
        for (const auto& claim : claimed.claims) hosts.push_back(net::host_of(*claim.source.rss_url));
        for (const auto& [host, state] : store::find_host_states(tx, hosts))
            if (state.hold) claimed.holds.emplace(host, *state.hold);
    });
    if (m_held.empty()) m_renewed = Clock::now();
    for (const auto& claim : claimed.claims) m_held.emplace(claim.source.id, claim.token);
    const std::lock_guard lock(m_mutex);
    m_news.claimed.push_back(std::move(claimed));
    m_settings.wake();
}

void Keeper::do_job(Fetched& fetched) {
    auto outcome = process(m_database, m_schema, fetched, current_time(), m_settings.dry_run);
    m_held.erase(fetched.claim.source.id);
    const std::lock_guard lock(m_mutex);
    m_news.outcomes.push_back(std::move(outcome));
    m_settings.wake();
}

void Keeper::do_job(GiveBack& lease) {
    m_held.erase(lease.source_id);
    store::with_retry(m_database, [&](store::Transaction& tx) { store::release_lease(tx, lease.source_id, lease.token); });
}

// A third of their life before the end at the latest, even while many sources wait to be recorded.
void Keeper::renew_when_due() {
    if (m_held.empty() || Clock::now() - m_renewed < m_settings.lease_ttl / 3) return;
    std::vector<std::string> tokens, lost;
    for (const auto& [id, token] : m_held) tokens.push_back(token);
    store::with_retry(m_database, [&](store::Transaction& tx) { lost = store::renew_leases(tx, tokens, m_settings.lease_ttl); });
    m_renewed = Clock::now();
    // Their fence will tell; until then there is nothing to renew.
    std::erase_if(m_held, [&](const auto& held) { return std::ranges::find(lost, held.second) != lost.end(); });
    if (!lost.empty()) log::info("{} leases were lost to other runs", lost.size());
}
}
