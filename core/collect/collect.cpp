#include "core/collect/collect.hpp"

#include "core/base/log.hpp"
#include "core/collect/backfill.hpp"
#include "core/collect/check_workers.hpp"
#include "core/collect/fetch_request.hpp"
#include "core/collect/report.hpp"
#include "core/collect/request_span.hpp"
#include "core/db/stalled_sessions.hpp"
#include "core/net/fetcher.hpp"
#include "core/sources/settings.hpp"
#include "core/store/own/orphans.hpp"
#include "core/store/own/runs.hpp"
#include "core/telemetry/span.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <variant>

namespace cti::collect {
namespace {
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A check from its first request to its record.
struct UnderWay {
    int source_id = 0;
    std::string identifier, lease_token;
    sources::FetchSettings settings;
    telemetry::TraceContext trace; // of the check
    std::deque<Ask> queue;         // not yet submitted
    int submitted = 0;             // and not yet answered
    int unread = 0;                // answers that the workers have
    bool has_pages = false;        // the pages of articles are asked for
    bool is_cut = false;           // answers that come now come too late
    Clock::time_point pages_end{};
};

// A run after a first collection would otherwise seem to hang; the next ones do the rest.
constexpr long k_max_indexed = 20'000;

bool is_stopped(const Options& options) { return options.stop != nullptr && options.stop->load() != 0; }

// `search` reads those itself that are not yet in its index.
void index_articles(db::Database& database, const db::Schema& schema, const Options& options) try {
    catch_up(database, schema, pipeline::get_step("words"), options.stop, k_max_indexed);
} catch (const db::LockTimeout& error) {
    log::info("not every article is indexed now: {}", error.what());
}

// What the web service stored since the last run becomes comparable, and what it deleted is forgotten: in
// small transactions, before anything is fetched. Where somebody holds a lock it is left to the next run.
void tidy(db::Database& database, const db::Schema& schema, const Options& options) try {
    catch_up(database, schema, pipeline::get_step("simhash"), options.stop);
    if (!options.index_now) index_articles(database, schema, options);
    db::with_retry(database, [](db::Transaction& tx) {
        db::end_stalled_sessions(tx); // What they hold would not be due for anybody.
        store::remove_urgent_orphans(tx);
    });
} catch (const db::LockTimeout& error) {
    log::info("old rows are not tidied now: {}", error.what());
}

// For the time of a run.
class CollectLimits {
public:
    explicit CollectLimits(db::Database& database) : m_database(database) {
        database.set_write_limits(db::k_collect_limits);
    }
    ~CollectLimits() { m_database.set_write_limits(db::k_write_limits); }
    CollectLimits(const CollectLimits&) = delete;
    CollectLimits& operator=(const CollectLimits&) = delete;

private:
    db::Database& m_database;
};

class Run {
public:
    Run(db::Database& database, const db::Schema& schema, const Options& options)
        : m_options(options), m_schema(schema), m_fetcher(with_hooks(fetcher_settings(options))),
          m_workers(database, schema, workers_settings(options)) {
        if (options.max_time) m_deadline = Clock::now() + *options.max_time;
        for (const auto& source : options.selection.sources) m_wanted.push_back(source.id);
        if (options.check.dry_run) {
            for (const auto& source : options.selection.sources) m_claimed.push_back({source, {}, {}});
            m_nothing_left = true;
        }
        db::Transaction tx(database, db::Access::read_only);
        m_server_began = store::server_time(tx);
        if (options.selection.force && !options.check.dry_run) m_started = m_server_began;
        m_nothing_left |= m_wanted.empty() && !options.selection.any_due;
    }

    Report operator()() {
        ThreadSlot slot(m_options.observer.threads, "collect fetcher");
        const ThreadSlot::Work work(slot, "fetching");
        while (!is_done()) {
            slot.beat();
            ask_for_more();
            start_claimed();
            submit_asks();
            m_fetcher.run_once(100ms);
            for (auto& event : m_workers.release_events())
                std::visit([this](auto& what) { handle(what); }, event);
            if (m_options.observer.on_progress) m_options.observer.on_progress(progress());
        }
        return finish();
    }

private:
    net::FetcherSettings with_hooks(net::FetcherSettings settings) {
        settings.find_robots = [this](const std::string& origin) -> std::optional<net::KeptRobots> {
            const auto found = m_robots.find(origin);
            return found == m_robots.end() ? std::nullopt : std::optional(found->second);
        };
        settings.keep_robots = [this](const std::string& origin, const std::string& text, int status) {
            m_workers.keep_robots(origin, text, status);
        };
        return settings;
    }

    WorkersSettings workers_settings(const Options& options) {
        WorkersSettings settings;
        settings.count = options.workers;
        settings.kinds = options.check.kinds;
        settings.dry_run = options.check.dry_run;
        settings.stop = options.stop;
        settings.lease_ttl = options.lease.ttl;
        settings.wake = [this] { m_fetcher.wake(); };
        settings.pause = options.observer.pause;
        settings.threads = options.observer.threads;
        return settings;
    }

    bool must_end_now() const { return is_stopped(m_options) || (m_deadline && Clock::now() >= *m_deadline); }

    // At a stop, feeds under way are dropped: they are asked again next time. What has come to its pages is
    // stored with those that are there.
    bool is_done() {
        if (m_workers.backlog() > 0 || m_claim_asked) return false;
        if (!must_end_now()) return m_nothing_left && m_claimed.empty() && m_under_way.empty();
        bool is_cutting = false;
        for (auto& [id, one] : m_under_way)
            if (one.has_pages && !one.is_cut) cut_short(id, one), is_cutting = true;
        return !is_cutting;
    }

    void cut_short(CheckId id, UnderWay& one) {
        one.is_cut = true;
        one.queue.clear();
        m_workers.cut_short(id);
    }

    // What waits to be recorded counts too: memory stays bounded when the database is the slower side. What
    // only waits for its host holds no slot, so that one host never keeps the others from being asked;
    // neither do the pages of a few sources.
    std::size_t room() {
        const auto jobs = static_cast<std::size_t>(m_options.requests.jobs), most_waiting = 25 * jobs,
                   most_in_pages = 3 * jobs;
        const auto in_pages = static_cast<std::size_t>(
            std::ranges::count_if(m_under_way, [](const auto& entry) { return entry.second.has_pages; }));
        const auto in_feeds = m_under_way.size() - in_pages;
        const auto busy = m_claimed.size() + m_workers.backlog() + in_feeds -
                          std::min(m_fetcher.waiting(), in_feeds) + in_pages -
                          std::min(in_pages, most_in_pages);
        return busy >= jobs || m_under_way.size() >= most_waiting ? 0 : jobs - busy;
    }

    // Several at a time: each claim is a transaction.
    void ask_for_more() {
        const auto free = room(), jobs = static_cast<std::size_t>(m_options.requests.jobs);
        if (m_nothing_left || m_claim_asked || must_end_now() || free < std::max<std::size_t>(1, jobs / 4))
            return;
        store::ClaimOptions wanted;
        wanted.source_ids = m_wanted;
        wanted.force = m_options.selection.force;
        wanted.early = m_options.selection.early;
        wanted.checked_before = m_started;
        wanted.exclude_ids = m_had;
        wanted.limit = static_cast<int>(free);
        wanted.ttl = m_options.lease.ttl;
        wanted.owner = m_options.lease.owner;
        m_claim_asked = true;
        m_workers.claim(std::move(wanted));
    }

    // What the web service sorts by is never later than its own clock, whatever this machine's shows.
    Time server_now() const {
        return m_server_began + std::chrono::duration_cast<Time::duration>(Clock::now() - m_began);
    }

    void start_claimed() {
        while (!m_claimed.empty() && !must_end_now() &&
               m_fetcher.active() + m_workers.backlog() < static_cast<std::size_t>(m_options.requests.jobs)) {
            auto check = std::make_unique<Check>(m_schema, std::move(m_claimed.front()), m_options.check,
                                                 server_now());
            m_claimed.pop_front();
            const auto id = ++m_last_id;
            auto& one = m_under_way[id];
            one.source_id = check->source().id;
            one.identifier = check->source().identifier;
            one.lease_token = check->claim().token;
            one.trace = check->trace();
            one.settings = sources::read_fetch_settings(check->source().config_json);
            std::ranges::move(check->begin().asks, std::back_inserter(one.queue));
            m_workers.add(id, std::move(check));
            if (one.queue.empty()) cut_short(id, one); // Its address is none; that is recorded.
        }
    }

    // A few of each source at a time, so that a source can be cut short, and no more than the workers read in
    // the meantime.
    void submit_asks() {
        const auto most_unread = 2 * static_cast<std::size_t>(m_options.requests.jobs);
        for (auto& [id, one] : m_under_way) {
            if (one.is_cut) continue;
            if (one.has_pages && Clock::now() >= one.pages_end) {
                if (one.unread == 0) cut_short(id, one);
                continue;
            }
            while (!one.queue.empty() && one.submitted < 2 * m_options.requests.connections_per_host &&
                   m_workers.backlog() < most_unread)
                submit(id, one);
        }
    }

    void submit(CheckId id, UnderWay& one) {
        auto ask = std::move(one.queue.front());
        one.queue.pop_front();
        ++one.submitted;
        auto request = to_request(one.settings, ask, m_options);
        auto span = begin_request_span(request, one.trace);
        m_fetcher.submit(std::move(request),
                         [this, id, ask = std::move(ask), span = std::move(span)](net::Response response) {
                             end_request_span(span.get(), response);
                             ++m_documents, m_bytes += response.received;
                             const auto found = m_under_way.find(id);
                             if (found == m_under_way.end()) return;
                             --found->second.submitted;
                             if (found->second.is_cut) return;
                             ++found->second.unread;
                             m_workers.accept(id, {ask, std::move(response)});
                         });
    }

    void handle(Claimed& claimed) {
        m_claim_asked = false;
        m_nothing_left = !claimed.has_more;
        for (const auto& [host, hold] : claimed.holds) m_fetcher.hold(host, hold);
        m_robots.merge(claimed.robots);
        for (auto& claim : claimed.claims) {
            m_had.push_back(claim.source.id);
            m_claimed.push_back(std::move(claim));
        }
    }

    void handle(const Accepted& accepted) { --m_under_way.at(accepted.id).unread; }

    void handle(FollowUp& asked) {
        auto& one = m_under_way.at(asked.id);
        if (one.is_cut) return;
        if (!one.has_pages && asked.asks.front().is_page)
            one.has_pages = true, one.pages_end = Clock::now() + m_options.requests.page_time;
        std::ranges::move(asked.asks, std::back_inserter(one.queue));
        m_robots.merge(asked.robots);
    }

    void handle(Recorded& recorded) {
        m_under_way.erase(recorded.id);
        auto& outcome = recorded.outcome;
        if (outcome.taken_over) {
            ++m_elsewhere;
            return;
        }
        m_inserted += outcome.result.inserted;
        m_pages += outcome.pages, m_pages_failed += outcome.pages_failed;
        const auto fresh = outcome.written.begin();
        m_new.insert(m_new.end(), fresh,
                     fresh + std::min<std::ptrdiff_t>(outcome.result.inserted, std::ssize(outcome.written)));
        if (m_options.observer.on_result) m_options.observer.on_result(outcome);
        m_results.push_back(outcome.result);
        if (m_options.check.explain) m_explained.push_back(std::move(outcome));
    }

    Progress progress() const {
        const auto total = std::max(m_options.selection.sources.size(), m_had.size());
        return {m_results.size(), total,   m_inserted,
                m_documents,      m_bytes, m_under_way.empty() ? "" : m_under_way.begin()->second.identifier};
    }

    Report finish() {
        Report report;
        const bool ended_early = !m_nothing_left || !m_claimed.empty() || !m_under_way.empty();
        const auto dropped = m_claimed.size() + m_under_way.size();
        if (!m_options.check.dry_run) {
            for (const auto& claim : m_claimed) m_workers.give_back(claim.source.id, claim.token);
            for (const auto& [id, one] : m_under_way) m_workers.give_back(one.source_id, one.lease_token);
        }
        m_workers.finish();
        std::ranges::sort(m_results, {}, &CheckResult::identifier);
        report.results = std::move(m_results);
        report.inserted = std::move(m_new);
        report.explained = std::move(m_explained);
        report.pages = m_pages, report.pages_failed = m_pages_failed;
        const auto missing = m_options.selection.sources.size() -
                             std::min(m_options.selection.sources.size(), report.results.size());
        report.not_begun = ended_early ? std::max(dropped, missing - std::min(missing, m_elsewhere)) : 0;
        report.held_by_others = missing - std::min(missing, report.not_begun);
        return report;
    }

    const Options& m_options;
    const db::Schema& m_schema;
    std::map<std::string, net::KeptRobots>
        m_robots; // by origin: what the database keeps of the hosts that are asked
    net::Fetcher m_fetcher;
    CheckWorkers m_workers;
    std::optional<Clock::time_point> m_deadline;
    Time m_server_began{};                          // by the server's clock …
    const Clock::time_point m_began = Clock::now(); // … and by ours, at nearly the same moment
    std::optional<Time> m_started;                  // by the server's clock; where all is to be checked anew
    std::vector<int> m_wanted, m_had;
    std::deque<store::Claim> m_claimed;      // not yet begun
    std::map<CheckId, UnderWay> m_under_way; // oldest first
    CheckId m_last_id = 0;
    std::vector<CheckResult> m_results;
    std::vector<int> m_new; // ids of articles
    std::vector<Outcome> m_explained;
    long m_pages = 0, m_pages_failed = 0, m_documents = 0;
    std::int64_t m_bytes = 0;
    std::size_t m_elsewhere = 0;
    bool m_claim_asked = false, m_nothing_left = false;
    long m_inserted = 0;
};
}

namespace {
// With the limits of any other writing: whoever is frozen at the same rows is gone by then.
void write_down(db::Database& database, const Options& options, const Report& report) {
    const auto totals = add_up(report);
    store::RunRow row;
    row.id = options.run_id;
    row.command = "collect";
    row.owner = options.lease.owner;
    row.result = outcome_of(report);
    row.started_at = report.started_at, row.finished_at = report.finished_at;
    row.sources = static_cast<int>(totals.sources), row.not_modified = static_cast<int>(totals.not_modified),
    row.failed = static_cast<int>(totals.failed);
    row.entries = totals.entries, row.inserted = totals.inserted, row.updated = totals.updated,
    row.bytes = totals.bytes;
    db::with_retry(database, [&](db::Transaction& tx) { store::record_run(tx, row); });
}

void describe_run(telemetry::Span& span, const Options& options, const Report& report) {
    if (!span.is_recording()) return;
    const auto outcome = outcome_of(report);
    span.set("cti.run.id", options.run_id);
    span.set("cti.run.result", outcome);
    span.set("cti.run.sources", report.results.size());
    span.set("cti.run.inserted", report.inserted.size());
    if (outcome == "failed") span.fail("failed", "every source failed");
}

}

std::string_view outcome_of(const Report& report) {
    const auto failed = std::ranges::count(report.results, CheckStatus::failed, &CheckResult::status);
    if (failed > 0) return failed == std::ssize(report.results) ? "failed" : "partial";
    if (report.not_begun > 0) return "interrupted";
    return report.results.empty() && report.held_by_others > 0 ? "locked" : "ok";
}

Report collect(db::Database& database, const db::Schema& schema, const Options& options, Time now) {
    const bool begins = options.selection.any_due || !options.selection.sources.empty();
    telemetry::Span span("collect");
    const telemetry::Scope scope(span.context());
    Report report;
    {
        const CollectLimits limits(database);
        if (!options.check.dry_run)
            tidy(database, schema, options); // A run that was killed may have left the last one.
        report = Run(database, schema, options)();
    }
    report.started_at = now;
    report.finished_at = current_time();
    report.dry_run = options.check.dry_run;
    if (!options.check.dry_run && !options.run_id.empty() && begins) write_down(database, options, report);
    if (!options.check.dry_run && options.index_now) index_articles(database, schema, options);
    describe_run(span, options, report);
    return report;
}
}
