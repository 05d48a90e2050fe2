#include "core/collect/collect.hpp"

#include "core/collect/backfill.hpp"
#include "core/collect/keeper.hpp"
#include "core/collect/report.hpp"
#include "core/net/fetcher.hpp"
#include "core/sources/settings.hpp"
#include "core/store/near_duplicates.hpp"
#include "core/store/orphans.hpp"
#include "core/store/runs.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <utility>

namespace cti::collect {
namespace {
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

net::FetcherSettings fetcher_settings(const Options& options) {
    net::FetcherSettings settings;
    settings.client.max_connections = options.jobs;
    settings.client.max_connections_per_host = options.connections_per_host;
    settings.client.proxy = options.proxy;
    settings.seed = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    return settings;
}

net::FetchRequest to_request(const sources::FetchSettings& settings, const Wanted& wanted, const Options& options) {
    net::FetchRequest fetch;
    auto& request = fetch.request;
    request.url = wanted.url;
    request.accept = wanted.accept;
    request.validators = wanted.validators;
    request.user_agent = settings.user_agent.empty() ? options.user_agent : settings.user_agent;
    request.limits = options.limits;
    if (settings.max_bytes) request.limits.max_bytes = *settings.max_bytes;
    if (settings.timeout) request.limits.total_timeout = *settings.timeout;
    request.allow_private = options.allow_private || settings.allow_private;
    request.ca_file = settings.ca_file;
    request.proxy = settings.proxy;
    fetch.max_attempts = options.max_attempts;
    fetch.obey_robots = wanted.obey_robots && settings.obey_robots;
    fetch.rules.min_delay = std::max(options.host_delay, settings.crawl_delay);
    fetch.rules.max_connections = options.connections_per_host;
    fetch.rules.max_requests_per_minute = settings.max_requests_per_minute;
    return fetch;
}

// A check from its first request to its record.
struct UnderWay {
    CheckPtr check;
    sources::FetchSettings settings;
    std::deque<Wanted> queue;  // not yet submitted
    int submitted = 0;         // and not yet answered
    int unread = 0;            // answers in the hands of the keeper
    bool has_pages = false;    // the pages of articles are asked for
    bool is_cut = false;       // answers that come now come too late
    Clock::time_point pages_end{};
};
using UnderWayPtr = std::shared_ptr<UnderWay>;

bool is_stopped(const Options& options) { return options.stop != nullptr && options.stop->load() != 0; }

// What the web service stored since the last run becomes comparable, and what it deleted is forgotten: in small transactions, before
// anything is fetched.
void tidy(store::Database& database, const store::Schema& schema, const Options& options) {
    for (long looked_at = 1; looked_at > 0 && !is_stopped(options);)
        store::with_retry(database, [&](store::Transaction& tx) { looked_at = store::index_missing_simhashes(tx, schema); });
    store::with_retry(database, [](store::Transaction& tx) { store::remove_orphans(tx); });
}

class Run {
public:
    Run(store::Database& database, const store::Schema& schema, const Options& options)
        : m_options(options), m_schema(schema), m_fetcher(with_hooks(fetcher_settings(options))),
          m_keeper(database, schema, {options.dry_run, options.stop, options.lease_ttl, [this] { m_fetcher.wake(); }}) {
        if (options.max_time) m_deadline = Clock::now() + *options.max_time;
        for (const auto& source : options.sources) m_wanted.push_back(source.id);
        if (options.dry_run) {
            for (const auto& source : options.sources) m_claimed.push_back({source, {}, {}});
            m_nothing_left = true;
        } else if (options.force) {
            store::Transaction tx(database, store::Access::read_only);
            m_started = store::server_time(tx);
        }
        m_nothing_left |= m_wanted.empty() && !options.any_due;
    }

    Report operator()() {
        while (!is_done()) {
            ask_for_more();
            start_claimed();
            submit_wanted();
            m_fetcher.run_once(100ms);
            take(m_keeper.take_news());
            if (m_options.on_progress) m_options.on_progress(progress());
        }
        return finish();
    }

private:
    net::FetcherSettings with_hooks(net::FetcherSettings settings) {
        settings.find_robots = [this](const std::string& origin) -> std::optional<net::KeptRobots> {
            const auto found = m_robots.find(origin);
            return found == m_robots.end() ? std::nullopt : std::optional(found->second);
        };
        settings.keep_robots = [this](const std::string& origin, const std::string& text, int status) { m_keeper.keep_robots(origin, text, status); };
        return settings;
    }

    bool must_end_now() const {
        return is_stopped(m_options) || (m_deadline && Clock::now() >= *m_deadline);
    }

    // At a stop, feeds under way are dropped: they are asked again next time. What has come to its pages is stored with those that are
    // there.
    bool is_done() {
        if (m_keeper.to_do() > 0 || m_claim_asked) return false;
        if (!must_end_now()) return m_nothing_left && m_claimed.empty() && m_under_way.empty();
        bool is_cutting = false;
        for (auto& one : m_under_way)
            if (one->has_pages && !one->is_cut) cut_short(*one), is_cutting = true;
        return !is_cutting;
    }

    void cut_short(UnderWay& one) {
        one.is_cut = true;
        one.queue.clear();
        m_keeper.cut_short(one.check);
    }

    // What waits to be recorded counts too: memory stays bounded when the database is the slower side. What only waits for its
    // host holds no slot, so that one host never keeps the others from being asked; neither do the pages of a few sources.
    std::size_t room() {
        const auto jobs = static_cast<std::size_t>(m_options.jobs), most_waiting = 25 * jobs, most_in_pages = 3 * jobs;
        const auto in_pages = static_cast<std::size_t>(std::ranges::count_if(m_under_way, [](const auto& one) { return one->has_pages; }));
        const auto in_feeds = m_under_way.size() - in_pages;
        const auto busy = m_claimed.size() + m_keeper.to_do() + in_feeds - std::min(m_fetcher.waiting(), in_feeds) + in_pages - std::min(in_pages, most_in_pages);
        return busy >= jobs || m_under_way.size() >= most_waiting ? 0 : jobs - busy;
    }

    // Several at a time: each claim is a transaction.
    void ask_for_more() {
        const auto free = room(), jobs = static_cast<std::size_t>(m_options.jobs);
        if (m_nothing_left || m_claim_asked || must_end_now() || free < std::max<std::size_t>(1, jobs / 4)) return;
        store::ClaimOptions wanted;
        wanted.source_ids = m_wanted;
        wanted.force = m_options.force;
        wanted.early = m_options.early;
        wanted.checked_before = m_started;
        wanted.exclude_ids = m_had;
        wanted.limit = static_cast<int>(free);
        wanted.ttl = m_options.lease_ttl;
        wanted.owner = m_options.owner;
        m_claim_limit = free;
        m_claim_asked = true;
        m_keeper.claim(std::move(wanted));
    }

    void start_claimed() {
        const CheckOptions options{m_options.dry_run, m_options.pages, m_options.ignore_known, m_options.explain, m_options.intelligence.get()};
        while (!m_claimed.empty() && !must_end_now() && m_fetcher.active() + m_keeper.to_do() < static_cast<std::size_t>(m_options.jobs)) {
            auto one = std::make_shared<UnderWay>();
            one->check = std::make_shared<Check>(m_schema, std::move(m_claimed.front()), options, current_time());
            m_claimed.pop_front();
            one->settings = sources::read_fetch_settings(one->check->source().config_json);
            for (auto& wanted : one->check->begin()) one->queue.push_back(std::move(wanted));
            m_under_way.push_back(one);
            if (one->queue.empty()) cut_short(*one); // Its address is none; that is recorded.
        }
    }

    // A few of each source at a time, so that a source can be cut short, and no more than the keeper reads in the meantime.
    void submit_wanted() {
        const auto most_unread = 2 * static_cast<std::size_t>(m_options.jobs);
        for (const auto& one : m_under_way) {
            if (one->is_cut) continue;
            if (one->has_pages && Clock::now() >= one->pages_end) {
                if (one->unread == 0) cut_short(*one);
                continue;
            }
            while (!one->queue.empty() && one->submitted < 2 * m_options.connections_per_host && m_keeper.to_do() < most_unread) submit(one);
        }
    }

    void submit(const UnderWayPtr& one) {
        auto wanted = std::move(one->queue.front());
        one->queue.pop_front();
        ++one->submitted;
        auto request = to_request(one->settings, wanted, m_options);
        m_fetcher.submit(std::move(request), [this, one, wanted = std::move(wanted)](net::Response response) {
            --one->submitted;
            if (one->is_cut) return;
            ++one->unread;
            m_keeper.take({one->check, wanted, std::move(response)});
        });
    }

    UnderWay& find(const CheckPtr& check) {
        return **std::ranges::find(m_under_way, check, [](const UnderWayPtr& one) { return one->check; });
    }

    void take(Keeper::News news) {
        for (auto& [claims, holds, robots] : news.claimed) {
            m_claim_asked = false;
            m_nothing_left = claims.size() < m_claim_limit;
            for (const auto& [host, hold] : holds) m_fetcher.hold(host, hold);
            keep(std::move(robots));
            for (auto& claim : claims) {
                m_had.push_back(claim.source.id);
                m_claimed.push_back(std::move(claim));
            }
        }
        for (const auto& check : news.read) --find(check).unread;
        for (auto& asked : news.asked) take(std::move(asked));
        for (auto& done : news.outcomes) {
            std::erase_if(m_under_way, [&](const UnderWayPtr& one) { return one->check == done.first; });
            take(std::move(done.second));
        }
    }

    void take(Asked asked) {
        auto& one = find(asked.check);
        if (!one.has_pages && asked.wanted.front().is_page) one.has_pages = true, one.pages_end = Clock::now() + m_options.page_time;
        std::ranges::move(asked.wanted, std::back_inserter(one.queue));
        keep(std::move(asked.robots));
    }

    void keep(std::map<std::string, net::KeptRobots> robots) { m_robots.merge(robots); }

    void take(Outcome outcome) {
        if (outcome.taken_over) {
            ++m_elsewhere;
            return;
        }
        m_inserted += outcome.result.inserted;
        m_pages += outcome.pages, m_pages_failed += outcome.pages_failed;
        if (m_options.on_result) m_options.on_result(outcome.result);
        m_results.push_back(outcome.result);
        if (m_options.explain) m_explained.push_back(std::move(outcome));
    }

    Progress progress() const {
        const auto total = std::max(m_options.sources.size(), m_had.size());
        return {m_results.size(), total, m_inserted, m_under_way.empty() ? "" : m_under_way.front()->check->source().identifier};
    }

    Report finish() {
        Report report;
        const bool ended_early = !m_nothing_left || !m_claimed.empty() || !m_under_way.empty();
        const auto dropped = m_claimed.size() + m_under_way.size();
        if (!m_options.dry_run) {
            for (const auto& claim : m_claimed) m_keeper.give_back(claim);
            for (const auto& one : m_under_way) m_keeper.give_back(one->check->claim());
        }
        m_keeper.finish();
        std::ranges::sort(m_results, {}, &CheckResult::identifier);
        report.results = std::move(m_results);
        report.explained = std::move(m_explained);
        report.pages = m_pages, report.pages_failed = m_pages_failed;
        const auto missing = m_options.sources.size() - std::min(m_options.sources.size(), report.results.size());
        report.not_begun = ended_early ? std::max(dropped, missing - std::min(missing, m_elsewhere)) : 0;
        report.elsewhere = missing - std::min(missing, report.not_begun);
        return report;
    }

    const Options& m_options;
    const store::Schema& m_schema;
    std::map<std::string, net::KeptRobots> m_robots; // by origin: what the database keeps of the hosts that are asked
    net::Fetcher m_fetcher;
    Keeper m_keeper;
    std::optional<Clock::time_point> m_deadline;
    std::optional<Time> m_started; // by the server's clock
    std::vector<int> m_wanted, m_had;
    std::deque<store::Claim> m_claimed; // not yet begun
    std::list<UnderWayPtr> m_under_way; // oldest first
    std::vector<CheckResult> m_results;
    std::vector<Outcome> m_explained;
    long m_pages = 0, m_pages_failed = 0;
    std::size_t m_claim_limit = 0, m_elsewhere = 0;
    bool m_claim_asked = false, m_nothing_left = false;
    long m_inserted = 0;
};
}

namespace {
void write_down(store::Database& database, const Options& options, const Report& report) {
    const auto totals = add_up(report);
    store::RunRow row;
    row.id = options.run_id;
    row.command = "collect";
    row.owner = options.owner;
    row.result = outcome_of(report);
    row.started_at = report.started_at, row.finished_at = report.finished_at;
    row.sources = static_cast<int>(totals.sources), row.not_modified = static_cast<int>(totals.not_modified), row.failed = static_cast<int>(totals.failed);
    row.entries = totals.entries, row.inserted = totals.inserted, row.updated = totals.updated, row.bytes = totals.bytes;
    store::with_retry(database, [&](store::Transaction& tx) { store::record_run(tx, row); });
}
}

std::string_view outcome_of(const Report& report) {
    const auto failed = std::ranges::count(report.results, CheckStatus::failed, &CheckResult::status);
    if (failed > 0) return failed == std::ssize(report.results) ? "failed" : "partial";
    if (report.not_begun > 0) return "interrupted";
    return report.results.empty() && report.elsewhere > 0 ? "locked" : "ok";
}

Report collect(store::Database& database, const store::Schema& schema, const Options& options, Time now) {
    const bool begins = options.any_due || !options.sources.empty();
    if (!options.dry_run && begins) tidy(database, schema, options);
    Report report = Run(database, schema, options)();
    report.started_at = now;
    report.finished_at = current_time();
    report.dry_run = options.dry_run;
    if (!options.dry_run && !options.run_id.empty() && begins) write_down(database, options, report);
    if (!options.dry_run && begins) index_new_articles(database, schema, options.stop);
    return report;
}
}
