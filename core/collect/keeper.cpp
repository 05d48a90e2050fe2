#include "core/collect/keeper.hpp"

#include "core/base/log.hpp"
#include "core/sources/page_settings.hpp"
#include "core/store/host_state.hpp"
#include "core/store/search.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cti::collect {
namespace {
using Clock = std::chrono::steady_clock;
}

Keeper::Keeper(store::Database& database, const store::Schema& schema, KeeperSettings settings)
    : m_schema(schema), m_settings(std::move(settings)), m_second(database.another()),
      m_threads{std::thread([this, &database] { run(database); }), std::thread([this] { run(m_second); })} {}

Keeper::~Keeper() { close(); }

void Keeper::close() {
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_changed.notify_all();
    }
    for (auto& thread : m_threads)
        if (thread.joinable()) thread.join();
}

void Keeper::hand_over(Job job) {
    const std::lock_guard lock(m_mutex);
    m_jobs.push_back(std::move(job));
    m_changed.notify_one();
}

void Keeper::claim(store::ClaimOptions options) { hand_over(std::move(options)); }
void Keeper::give_back(const store::Claim& claim) { hand_over(GiveBack{claim.source.id, claim.token}); }
void Keeper::keep_robots(std::string origin, std::string text, int status) {
    if (!m_settings.dry_run) hand_over(Robots{std::move(origin), std::move(text), status});
}
void Keeper::take(Fetched fetched) {
    {
        const std::lock_guard lock(m_mutex);
        ++m_to_do;
    }
    hand_over(std::move(fetched));
}
void Keeper::cut_short(CheckPtr check) {
    {
        const std::lock_guard lock(m_mutex);
        ++m_to_do;
    }
    hand_over(CutShort{std::move(check)});
}

void Keeper::finish() {
    close();
    const std::lock_guard lock(m_mutex);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

Keeper::News Keeper::take_news() {
    const std::lock_guard lock(m_mutex);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
    m_to_do -= m_news.read.size() + m_news.cut;
    return std::exchange(m_news, {});
}

std::size_t Keeper::to_do() {
    const std::lock_guard lock(m_mutex);
    return m_to_do;
}

void Keeper::run(store::Database& database) {
    try {
        work(database);
    } catch (...) { // Handed to the calling thread, which throws it again. What the others have in hand they finish.
        const std::lock_guard lock(m_mutex);
        if (!m_failure) m_failure = std::current_exception();
        m_closed = true;
        m_jobs.clear();
        m_changed.notify_all();
        m_settings.wake();
    }
}

void Keeper::work(store::Database& database) {
    for (std::unique_lock lock(m_mutex);;) {
        m_changed.wait_for(lock, m_settings.lease_ttl / 3, [this] { return m_closed || !m_jobs.empty() || !m_unindexed.empty(); });
        std::optional<Job> job;
        if (!m_jobs.empty()) job = std::move(m_jobs.front()), m_jobs.pop_front();
        const auto articles = job ? std::vector<int>{} : take_unindexed();
        if (!job && articles.empty() && m_closed) return;
        lock.unlock();
        if (job) std::visit([&](auto& what) { do_job(database, what); }, *job);
        if (!articles.empty()) index_words(database, articles);
        job.reset();
        renew_when_due(database);
        lock.lock();
    }
}

void Keeper::do_job(store::Database& database, store::ClaimOptions& options) {
    Claimed claimed;
    store::with_retry(database, [&](store::Transaction& tx) {
        claimed = {store::claim_sources(tx, m_schema, options), {}, {}};
        std::vector<std::string> hosts;
        for (const auto& claim : claimed.claims) hosts.push_back(net::host_of(sources::has_feed(claim.source) ? *claim.source.rss_url : claim.source.url));
        for (const auto& [host, state] : store::find_host_states(tx, hosts))
            if (state.hold) claimed.holds.emplace(host, *state.hold);
    });
    std::vector<std::string> lists;
    for (const auto& claim : claimed.claims)
        if (!sources::has_feed(claim.source)) lists.push_back(claim.source.url);
    claimed.robots = find_robots(database, lists);
    const std::lock_guard lock(m_mutex);
    if (m_held.empty()) m_renewed = Clock::now();
    for (const auto& claim : claimed.claims) m_held.emplace(claim.source.id, claim.token);
    m_news.claimed.push_back(std::move(claimed));
    m_settings.wake();
}

void Keeper::do_job(store::Database& database, Fetched& fetched) {
    auto [wanted, is_complete] = fetched.check->take(database, fetched.wanted, std::move(fetched.response));
    std::optional<Outcome> outcome;
    if (is_complete) outcome = record(database, *fetched.check);
    std::vector<std::string> urls;
    for (const auto& document : wanted) urls.push_back(document.url);
    auto robots = find_robots(database, urls);
    const std::lock_guard lock(m_mutex);
    // In one piece of news: a check whose outcome is told has nothing more to tell.
    m_news.read.push_back(fetched.check);
    if (outcome) m_news.outcomes.emplace_back(fetched.check, std::move(*outcome));
    if (!wanted.empty()) m_news.asked.push_back({fetched.check, std::move(wanted), std::move(robots)});
    m_settings.wake();
}

void Keeper::do_job(store::Database& database, CutShort& cut) {
    cut.check->cut_short();
    auto outcome = record(database, *cut.check);
    const std::lock_guard lock(m_mutex);
    m_news.outcomes.emplace_back(cut.check, std::move(outcome));
    ++m_news.cut;
    m_settings.wake();
}

Outcome Keeper::record(store::Database& database, Check& check) {
    auto outcome = check.record(database);
    forget(check.source().id);
    const std::lock_guard lock(m_mutex);
    m_unindexed.insert(m_unindexed.end(), outcome.written.begin(), outcome.written.end());
    m_changed.notify_one();
    return outcome;
}

// Few at a time, so that a fetched document does not wait for long. The caller holds the lock.
std::vector<int> Keeper::take_unindexed() {
    constexpr std::size_t most = 20;
    if (m_settings.stop != nullptr && m_settings.stop->load() != 0) m_unindexed.clear();
    const auto begin = m_unindexed.end() - static_cast<std::ptrdiff_t>(std::min(most, m_unindexed.size()));
    std::vector<int> articles(begin, m_unindexed.end());
    m_unindexed.erase(begin, m_unindexed.end());
    return articles;
}

void Keeper::index_words(store::Database& database, const std::vector<int>& articles) const {
    store::with_retry(database, [&](store::Transaction& tx) { store::index_words_of(tx, m_schema, articles); });
}

// What another run has asked within a day need not be asked again.
std::map<std::string, net::KeptRobots> Keeper::find_robots(store::Database& database, const std::vector<std::string>& urls) {
    constexpr std::chrono::hours oldest{24};
    std::vector<std::string> origins;
    for (const auto& url : urls) origins.push_back(net::origin_of(url));
    std::map<std::string, net::KeptRobots> kept;
    if (origins.empty()) return kept;
    std::ranges::sort(origins);
    origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
    store::with_retry(database, [&](store::Transaction& tx) {
        kept.clear();
        for (auto& [origin, state] : store::find_host_states(tx, origins))
            if (state.robots_age && *state.robots_age < oldest && state.robots_status > 0) kept.emplace(origin, net::KeptRobots{state.robots.value_or(""), state.robots_status});
    });
    return kept;
}

void Keeper::do_job(store::Database& database, Robots& robots) {
    store::with_retry(database, [&](store::Transaction& tx) { store::keep_robots(tx, robots.origin, robots.status, robots.text); });
}

void Keeper::do_job(store::Database& database, GiveBack& lease) {
    forget(lease.source_id);
    store::with_retry(database, [&](store::Transaction& tx) { store::release_lease(tx, lease.source_id, lease.token); });
}

void Keeper::forget(int source_id) {
    const std::lock_guard lock(m_mutex);
    m_held.erase(source_id);
}

// A third of their life before the end at the latest, even while many sources wait to be recorded.
void Keeper::renew_when_due(store::Database& database) {
    std::vector<std::string> tokens, lost;
    {
        const std::lock_guard lock(m_mutex);
        if (m_held.empty() || Clock::now() - m_renewed < m_settings.lease_ttl / 3) return;
        m_renewed = Clock::now();
        for (const auto& [id, token] : m_held) tokens.push_back(token);
    }
    store::with_retry(database, [&](store::Transaction& tx) { lost = store::renew_leases(tx, tokens, m_settings.lease_ttl); });
    const std::lock_guard lock(m_mutex);
    // Those of other runs by now: their fence will tell, and there is nothing to renew.
    const auto count = std::erase_if(m_held, [&](const auto& held) { return std::ranges::find(lost, held.second) != lost.end(); });
    if (count > 0) log::info("{} leases were lost to other runs", count);
}
}
