#include "core/work/worker.hpp"

#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/collect/start_libraries.hpp"
#include "core/db/stalled_sessions.hpp"
#include "core/store/own/job_list.hpp"
#include "core/work/job_runner.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace cti::work {
namespace {
using namespace std::chrono_literals;

// Small jobs are fetched many at once, which is worth ten times as many of them a second, but only as many as
// are done in a moment: they must not wait here while another worker has nothing to do.
constexpr auto k_quick = 100ms;
constexpr auto k_longest_hold = 1s;
constexpr auto k_gather = 20ms;           // ends of small jobs are told together
constexpr auto k_look_for_cancel = 500ms; // so that a job that is cancelled ends within a second
constexpr auto k_max_pause = 10s;         // while the database is away

std::vector<std::string> names_of(const WorkerSettings& settings) {
    std::vector<std::string> names;
    for (const auto& kind : settings.kinds)
        if ((settings.only.empty() || std::ranges::find(settings.only, kind.name) != settings.only.end()) &&
            has_need(kind.need, settings.tools))
            names.emplace_back(kind.name);
    return names;
}
}

Worker::Worker(WorkerSettings settings)
    : m_settings(std::move(settings)), m_names(names_of(m_settings)), m_database(m_settings.connect()),
      m_listener(m_database, store::k_jobs_channel, m_settings.listens),
      m_claimer({m_names, 0, m_settings.lease, m_settings.name}),
      m_leader(m_settings.name, m_settings.kinds, 3 * m_settings.lead),
      m_board([this] { m_listener.wake(); }), m_batch(m_settings.concurrency),
      m_slot(m_settings.threads, "jobs") {
    collect::start_libraries();
    for (int i = 0; i < m_settings.concurrency; ++i) m_threads.emplace_back([this, i] { work(i); });
}

Worker::~Worker() {
    m_board.stop_all(StopReason::draining);
    m_board.release_waiting();
    m_board.close();
    for (auto& thread : m_threads) thread.join();
}

void Worker::work(int number) {
    ThreadSlot slot(m_settings.threads, fmt::format("job {}", number + 1));
    while (auto* const job = m_board.take())
        run_job(*job, m_board, m_settings.kinds, m_settings.tools, m_settings.environment);
}

const std::vector<std::string>& Worker::kinds() const { return m_names; }

WorkerReport Worker::run() {
    auto pause = 1s;
    while (!is_over()) {
        try {
            turn();
            if (m_is_away) log::notice("the database is there again");
            m_is_away = false, pause = 1s;
            wait();
        } catch (const Error& error) {
            if (error.code() != ExitCode::database && error.code() != ExitCode::locked) throw;
            if (!std::exchange(m_is_away, true))
                log::warning("{}; trying again until it works", error.what());
            m_listener.rest(pause);
            pause = std::min(pause * 2, std::chrono::seconds(k_max_pause));
            // What cannot be told in time belongs to others: the drain does not wait for a database for ever.
            if (m_drain_ends && steady_time() > *m_drain_ends + 10s) break;
        }
    }
    end();
    return m_report;
}

// Nothing is in hand, nothing is to be told, and nothing more is wanted.
bool Worker::is_over() const {
    if (!m_board.is_settled() || !m_news.is_empty()) return false;
    return is_stopped() || (m_settings.until_empty && m_claimer.is_idle());
}

void Worker::turn() {
    const auto now = steady_time();
    const ThreadSlot::Work watched(m_slot, "asking the database for jobs");
    m_turned = now;
    if (is_stopped()) begin_drain(now);
    auto fresh = m_board.fetch_news();
    std::ranges::move(fresh.ends, std::back_inserter(m_news.ends));
    std::ranges::move(fresh.put_back, std::back_inserter(m_news.put_back));
    std::ranges::move(fresh.lines, std::back_inserter(m_news.lines));
    if (m_board.count_waiting() > 0 && now - m_claimed > k_longest_hold) return_unbegun();
    if (!has_nothing_to_ask(now)) {
        const auto limit = m_drain_ends ? 0 : choose_limit();
        ask_database(m_news, limit);
        m_news = {};
    }
    if (!m_drain_ends && (!m_led || now - *m_led >= m_settings.lead)) lead();
}

// After the worker's own row is there: a plan waits for a worker that takes its kind.
void Worker::lead() {
    db::with_retry(m_database, [&](db::Transaction& transaction) { m_leader.turn(transaction); });
    m_led = steady_time();
}

bool Worker::must_beat(SteadyTime now) const { return !m_beaten || now - *m_beaten >= m_settings.heartbeat; }

// Whether somebody wishes that a job ends, or has it by now: not with each small one.
bool Worker::must_renew(SteadyTime now) const {
    return m_board.count_waiting() == 0 || now - m_renewed >= k_look_for_cancel / 2;
}

// An idle worker costs the server one small question each time that it looks.
bool Worker::has_nothing_to_ask(SteadyTime now) {
    if (!m_claimer.is_idle() || m_drain_ends || must_beat(now) || !m_news.is_empty() ||
        m_board.count_held() > 0)
        return false;
    try {
        db::Transaction transaction(m_database, db::Access::each_statement);
        return !m_claimer.has_ready_job(transaction);
    } catch (const Error& error) {
        log::debug("looking for jobs: {}", error.what());
        return false; // The transaction that follows says what is wrong, or connects again.
    }
}

// One transaction: what has happened here, what is new there.
void Worker::ask_database(const JobBoard::News& news, int limit) {
    const auto now = steady_time();
    const bool beats = must_beat(now), renews = beats || must_renew(now);
    std::vector<store::JobClaim> claims;
    std::vector<long> finished;
    store::RenewedJobs renewed;
    db::with_retry(m_database, [&](db::Transaction& transaction) {
        // The try before may have been committed although its answer was lost: what it did stands there.
        auto ended = store::finish_jobs(transaction, news.ends);
        const auto kept = store::keep_finished_jobs(transaction, finished, m_settings.name);
        claims = store::keep_held_jobs(transaction, std::move(claims));
        if (kept.empty() && claims.empty()) write_news(transaction, news);
        std::ranges::copy(kept, std::back_inserter(ended));
        finished = std::move(ended);
        if (beats) beat(transaction);
        if (renews)
            renewed = store::renew_jobs(transaction, m_board.held(),
                                        beats ? std::optional(m_settings.lease) : std::nullopt);
        if (claims.empty()) claims = m_claimer.claim(transaction, limit);
    });
    if (beats) m_beaten = now;
    if (renews) m_renewed = now;
    count(news, finished);
    m_board.stop(renewed.lost, StopReason::lost);
    m_board.stop(renewed.cancelled, StopReason::cancelled);
    if (!claims.empty()) m_claimed = steady_time(), m_ended_before_claim = m_board.count_ended();
    m_board.add(std::move(claims));
}

void Worker::write_news(db::Transaction& transaction, const JobBoard::News& news) {
    for (const auto& job : news.put_back)
        store::put_back_job(transaction, job.id, job.token, job.in, job.reason, job.is_try);
    for (const auto& [id, line] : news.lines) store::add_job_line(transaction, id, line);
}

void Worker::beat(db::Transaction& transaction) {
    store::Worker self;
    self.name = m_settings.name, self.version = m_settings.version;
    self.kinds = m_names, self.concurrency = m_settings.concurrency;
    self.is_draining = m_drain_ends.has_value();
    store::beat_worker(transaction, self);
    db::end_stalled_sessions(transaction); // Their jobs would be passed over.
    const auto reaped = store::reap_jobs(transaction);
    if (reaped.ready + reaped.dead > 0)
        log::notice("{} of workers that are gone: {} ready again, {} without a try left",
                    count_of(reaped.ready + reaped.dead, "job"), reaped.ready, reaped.dead);
}

// Jobs that no thread has begun go back at once; those that run may end by themselves for a while.
void Worker::begin_drain(SteadyTime now) {
    if (!m_drain_ends) {
        m_drain_ends = now + m_settings.drain;
        m_beaten.reset();
        return_unbegun();
        if (const auto held = m_board.count_held(); held > 0)
            log::notice("stopping: waiting for {} in hand for up to {} s",
                        count_of(static_cast<long>(held), "job"), m_settings.drain.count());
    }
    if (now >= *m_drain_ends) m_board.stop_all(StopReason::draining);
}

// Jobs that no thread has begun keep their place, and the attempt does not count.
void Worker::return_unbegun() {
    for (const auto& claim : m_board.release_waiting())
        m_news.put_back.push_back({claim.id, claim.token, 0s, "", false});
}

// More when half of what was fetched is done, so that the threads need not wait for the database.
int Worker::choose_limit() {
    if (m_board.count_waiting() > static_cast<std::size_t>(m_batch / 2)) return 0;
    choose_batch();
    return std::max(0, m_batch - static_cast<int>(m_board.count_held()));
}

void Worker::choose_batch() {
    const auto passed = steady_time() - m_claimed;
    if (passed > k_quick)
        m_batch = std::max(m_settings.concurrency, m_batch / 2);
    else if (passed < k_quick / 2 && m_board.count_ended() - m_ended_before_claim > m_batch / 2)
        m_batch = std::min(m_batch * 2, std::max(m_settings.batch, m_settings.concurrency));
}

std::chrono::milliseconds Worker::next_wait() const {
    if (!m_claimer.is_idle() && !m_drain_ends && m_board.count_held() == 0)
        return m_claimer.pause(); // There may be more.
    if (m_board.count_held() > 0)
        return std::min<std::chrono::milliseconds>(m_settings.poll, k_look_for_cancel);
    // So that workers that were started together do not look together.
    return std::chrono::milliseconds(
        std::lround(static_cast<double>(m_settings.poll.count()) * (1.0 + 0.15 * draw())));
}

void Worker::wait() {
    if (is_over()) return;
    if (const auto longest = next_wait(); longest > 0ms) m_listener.wait(longest);
    gather();
}

// While the threads have enough to do, the ends of several jobs make one transaction.
void Worker::gather() {
    for (auto left = k_gather - (steady_time() - m_turned);
         left > 0ms && !is_stopped() && m_board.count_waiting() > static_cast<std::size_t>(m_batch / 2);
         left = k_gather - (steady_time() - m_turned))
        m_listener.wait(std::chrono::ceil<std::chrono::milliseconds>(left));
}

void Worker::count(const JobBoard::News& news, const std::vector<long>& finished) {
    m_report.put_back += static_cast<long>(news.put_back.size());
    for (const auto& end : news.ends) {
        if (std::ranges::find(finished, end.id) == finished.end()) {
            ++m_report.lost;
            log::warning("job {} was another worker's by the time it ended here: its end was refused",
                         end.id);
            continue;
        }
        ++(end.state == JobState::done        ? m_report.done
           : end.state == JobState::cancelled ? m_report.cancelled
                                              : m_report.failed);
        if (end.state == JobState::failed || end.state == JobState::dead)
            log::warning("job {}: {}", end.id, end.error);
    }
}

void Worker::end() {
    try {
        db::with_retry(m_database, [&](db::Transaction& transaction) {
            store::remove_worker(transaction, m_settings.name);
            m_leader.resign(transaction);
        });
    } catch (const Error& error) {
        log::debug("the worker's row stays until it is old: {}", error.what());
    }
}
}
