#include "core/collect/check_workers.hpp"

#include "core/base/log.hpp"
#include "core/collect/start_libraries.hpp"
#include "core/net/gate.hpp"
#include "core/sources/page_settings.hpp"
#include "core/store/own/host_state.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <malloc.h>
#include <optional>
#include <utility>

namespace cti::collect {
namespace {
using namespace std::chrono_literals;

// Texts keep the cores busy, and of ten workers two or three are at the database at a time.
constexpr std::size_t k_max_connections = 4;

std::chrono::seconds pause_after(int tries) { return k_pause_after_lock * std::min(1 + tries, 10); }

std::size_t connections_for(int threads) {
    return std::clamp<std::size_t>(static_cast<std::size_t>(threads), 1, k_max_connections);
}
}

CheckWorkers::CheckWorkers(db::Database& database, const db::Schema& schema, WorkersSettings settings)
    : m_schema(schema), m_settings(std::move(settings)),
      m_connections(database, connections_for(m_settings.count)) {
    start_libraries();
    // glibc gives threads up to eight arenas a core, and each keeps what its fullest moment took. Only the
    // workers allocate much.
    ::mallopt(M_ARENA_MAX, std::max(1, m_settings.count));
    for (int i = 0; i < std::max(1, m_settings.count); ++i) m_threads.emplace_back([this, i] { run(i + 1); });
}

CheckWorkers::~CheckWorkers() { close(); }

void CheckWorkers::close() {
    {
        const std::lock_guard lock(m_mutex);
        m_is_closed = true;
        m_changed.notify_all();
    }
    for (auto& thread : m_threads)
        if (thread.joinable()) thread.join();
}

void CheckWorkers::claim(store::ClaimOptions options) {
    const std::lock_guard lock(m_mutex);
    m_database_tasks.emplace_back(ClaimSources{std::move(options)});
    m_changed.notify_one();
}

void CheckWorkers::give_back(int source_id, std::string token) {
    const std::lock_guard lock(m_mutex);
    m_database_tasks.emplace_back(GiveBack{source_id, std::move(token)});
    m_changed.notify_one();
}

void CheckWorkers::keep_robots(std::string origin, std::string text, int status) {
    if (m_settings.dry_run) return;
    const std::lock_guard lock(m_mutex);
    m_database_tasks.emplace_back(Robots{std::move(origin), std::move(text), status});
    m_changed.notify_one();
}

void CheckWorkers::add(CheckId id, std::unique_ptr<Check> check) {
    const std::lock_guard lock(m_mutex);
    m_checks.add(id, std::move(check));
}

void CheckWorkers::accept(CheckId id, Answer answer) {
    const std::lock_guard lock(m_mutex);
    m_checks.push(id, std::move(answer));
    m_changed.notify_one();
}

void CheckWorkers::cut_short(CheckId id) {
    const std::lock_guard lock(m_mutex);
    m_checks.push(id, CutShort{});
    m_changed.notify_one();
}

void CheckWorkers::finish() {
    close();
    const std::lock_guard lock(m_mutex);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

std::vector<Event> CheckWorkers::release_events() {
    const std::lock_guard lock(m_mutex);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
    return std::exchange(m_events, {});
}

std::size_t CheckWorkers::backlog() {
    const std::lock_guard lock(m_mutex);
    return m_checks.tasks() + m_events.size();
}

void CheckWorkers::tell(Event event) {
    pause();
    const std::lock_guard lock(m_mutex);
    m_events.push_back(std::move(event));
    m_settings.wake();
}

bool CheckWorkers::is_stopped() const { return m_settings.stop != nullptr && m_settings.stop->load() != 0; }

void CheckWorkers::pause() const {
    if (m_settings.pause) m_settings.pause();
}

void CheckWorkers::run(int number) {
    ThreadSlot slot(m_settings.threads, fmt::format("collect worker {}", number));
    try {
        work(slot);
    } catch (...) { // Handed to the calling thread, which throws it again. What the others have in hand they
                    // finish.
        const std::lock_guard lock(m_mutex);
        if (!m_failure) m_failure = std::current_exception();
        m_is_closed = true;
        m_database_tasks.clear();
        m_later.clear();
        m_checks.clear_waiting();
        m_changed.notify_all();
        m_settings.wake();
    }
}

void CheckWorkers::work(ThreadSlot& slot) {
    for (std::unique_lock lock(m_mutex);;) {
        if (work_once(lock, slot)) {
            lock.unlock();
            renew_when_due();
            lock.lock();
        } else if (is_finished()) {
            m_changed.notify_all();
            return;
        } else {
            wait(lock);
        }
    }
}

// A check that waits for a lock holds the end up; one that waits for its answers does not, as nobody will
// bring them.
bool CheckWorkers::is_finished() const {
    return m_is_closed && m_checks.tasks() == 0 && m_database_tasks.empty() && m_later.empty();
}

void CheckWorkers::wait(std::unique_lock<std::mutex>& lock) {
    auto until = Clock::now() + m_settings.lease_ttl / 3;
    if (const auto next = m_checks.next_moment()) until = std::min(until, *next);
    for (const auto& [moment, task] : m_later) until = std::min(until, moment);
    m_changed.wait_until(lock, until);
    if (m_held.empty()) return;
    lock.unlock();
    renew_when_due();
    lock.lock();
}

// What the database is asked for the network's sake comes first, then checks, then the index. False: there is
// nothing to do.
bool CheckWorkers::work_once(std::unique_lock<std::mutex>& lock, ThreadSlot& slot) {
    const auto now = Clock::now();
    std::erase_if(m_later, [&](auto& later) {
        if (later.first > now) return false;
        m_database_tasks.push_back(std::move(later.second));
        return true;
    });
    if (!m_database_tasks.empty()) {
        auto task = std::move(m_database_tasks.front());
        m_database_tasks.pop_front();
        lock.unlock();
        const ThreadSlot::Work work(slot, "leases and hosts");
        do_database_task(std::move(task));
    } else if (auto turn = m_checks.next_turn(now)) {
        lock.unlock();
        do_turn(std::move(*turn), slot);
    } else if (const auto articles = release_unlinked(); !articles.empty()) {
        lock.unlock();
        const ThreadSlot::Work work(slot, "near-duplicates");
        link(articles);
    } else {
        return false;
    }
    lock.lock();
    return true;
}

void CheckWorkers::do_turn(CheckQueue::Turn turn, ThreadSlot& slot) {
    try {
        pause();
        const ThreadSlot::Work work(slot, "source " + turn.check->source().identifier);
        std::visit([&](auto& task) { do_task(turn, task); }, turn.task);
    } catch (...) {
        // Its work counts as waiting until it ends: the other threads would wait for it for ever.
        const std::lock_guard lock(m_mutex);
        m_checks.end(turn.id);
        throw;
    }
}

void CheckWorkers::do_task(CheckQueue::Turn& turn, Answer& answer) {
    auto step = turn.check->accept(answer.ask, std::move(answer.response));
    go_on(turn, std::move(step), true);
}

void CheckWorkers::do_task(CheckQueue::Turn& turn, FindKnown&) {
    Check::Known known;
    try {
        const auto connection = m_connections.get();
        db::with_retry(*connection, [&](db::Transaction& tx) { known = turn.check->find_known(tx); });
    } catch (const db::LockTimeout&) { // A table that is being altered.
        const std::lock_guard lock(m_mutex);
        return m_checks.put_back(turn.id, FindKnown{}, Clock::now() + k_pause_after_lock);
    }
    go_on(turn, turn.check->triage(known), false);
}

void CheckWorkers::do_task(CheckQueue::Turn& turn, CutShort&) {
    turn.check->cut_short();
    go_on(turn, {{}, Next::record}, false);
}

// Events are told before the check is given back: whoever takes it next tells the later ones.
void CheckWorkers::go_on(const CheckQueue::Turn& turn, Check::Step step, bool was_answer) {
    if (!step.asks.empty()) {
        std::vector<std::string> urls;
        for (const auto& ask : step.asks) urls.push_back(ask.document.request.url);
        auto robots = find_robots(urls);
        tell(FollowUp{turn.id, std::move(step.asks), std::move(robots)});
    }
    if (was_answer) tell(Accepted{turn.id});
    std::optional<CheckTask> next;
    if (step.next == Next::find) next = FindKnown{};
    if (step.next == Next::record) turn.check->finish(), next = Record{};
    pause();
    const std::lock_guard lock(m_mutex);
    m_checks.give_back(turn.id, std::move(next));
    m_changed.notify_one();
}

bool CheckWorkers::may_wait_again(const Record& record) const {
    auto waited = 0s;
    for (int i = 0; i <= record.tries; ++i) waited += pause_after(i);
    return waited <= m_settings.longest_lock_wait && !is_stopped();
}

void CheckWorkers::do_task(CheckQueue::Turn& turn, Record& record) {
    std::optional<Outcome> outcome;
    try {
        const auto connection = m_connections.get();
        outcome = turn.check->record(*connection);
    } catch (const db::LockTimeout& error) {
        if (may_wait_again(record)) {
            if (record.tries == 0)
                log::info("source '{}': {}; put back", turn.check->source().identifier, error.what());
            end_stalled_sessions();
            const std::lock_guard lock(m_mutex);
            return m_checks.put_back(turn.id, Record{record.tries + 1},
                                     Clock::now() + pause_after(record.tries));
        }
        outcome = turn.check->defer(error.what());
        give_back(turn.check->source().id, turn.check->claim().token);
    }
    end(turn, std::move(*outcome));
}

void CheckWorkers::end(const CheckQueue::Turn& turn, Outcome outcome) {
    forget(turn.check->source().id);
    pause();
    const std::lock_guard lock(m_mutex);
    m_unlinked.insert(m_unlinked.end(), outcome.written.begin(), outcome.written.end());
    m_events.emplace_back(Recorded{turn.id, std::move(outcome)});
    m_checks.end(turn.id);
    m_changed.notify_one();
    m_settings.wake();
}
}
