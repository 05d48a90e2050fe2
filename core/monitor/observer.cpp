#include "core/monitor/observer.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/sources/source_json.hpp"
#include "core/store/own/job_totals.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/own/source_state.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>

namespace cti::monitor {
namespace {
using namespace std::chrono_literals;

constexpr auto k_max_statement = 2s, k_max_count = 5s;

std::shared_ptr<const Snapshot> first_snapshot() {
    auto first = std::make_shared<Snapshot>();
    first->taken_at = steady_time();
    return first;
}

SourceStatus to_status(Source source, const std::map<int, store::SourceState>& states,
                       const std::map<int, std::string>& errors) {
    SourceStatus status;
    status.next_check = sources::next_check(source);
    if (const auto state = states.find(source.id); state != states.end()) {
        if (source.active && source.last_check && state->second.next_check_at)
            status.next_check = state->second.next_check_at;
        status.wait_reason = state->second.wait_reason;
        status.disabled_reason = state->second.disabled_reason;
    }
    if (const auto error = errors.find(source.id); error != errors.end()) status.last_error = error->second;
    status.source = std::move(source);
    return status;
}

// A count that takes long is made more seldom: a fiftieth of the time at most.
SteadyTime next_count(SteadyTime begun, std::chrono::milliseconds every) {
    const auto ended = steady_time();
    return ended + std::max<SteadyTime::duration>(every, 50 * (ended - begun));
}
}

std::shared_ptr<const FastStatus> read_fast_status(db::Transaction& transaction, const db::Schema& schema,
                                                   int runs) {
    auto fast = std::make_shared<FastStatus>();
    fast->read_at = steady_time();
    fast->server_time = store::server_time(transaction);
    const auto states = store::find_all_source_states(transaction);
    const auto errors = store::last_errors(transaction, schema);
    for (auto& source : store::list_sources(transaction, schema))
        fast->sources.push_back(to_status(std::move(source), states, errors));
    fast->counters = store::read_counters(transaction);
    fast->runs = store::recent_runs(transaction, runs);
    fast->schedules = store::list_schedules(transaction);
    fast->living_leases = store::count_living_leases(transaction);
    return fast;
}

std::shared_ptr<const JobStatus> read_job_status(db::Transaction& transaction) {
    auto jobs = std::make_shared<JobStatus>();
    jobs->read_at = steady_time();
    jobs->counts = store::count_jobs(transaction);
    jobs->workers = store::list_workers(transaction);
    return jobs;
}

Observer::Observer(ObserverSettings settings)
    : m_settings(std::move(settings)), m_snapshot(first_snapshot()), m_slot(m_settings.threads, "observer"),
      m_thread(m_settings.ping, [this] { look(); }) {}

std::shared_ptr<const Snapshot> Observer::snapshot() const {
    const std::lock_guard lock(m_mutex);
    return m_snapshot;
}

void Observer::poke() {
    m_poked = true;
    m_thread.wake();
}

// Whatever goes wrong becomes a part of the snapshot; what was known before stays in it.
void Observer::look() {
    const ThreadSlot::Work work(m_slot, "the state of the database");
    if (m_poked.exchange(false))
        m_fast_due.reset(), m_jobs_due.reset(), m_totals_due.reset(), m_slow_due.reset();
    Snapshot next = *snapshot();
    next.taken_at = steady_time();
    try {
        if (!m_database) m_database = std::make_unique<db::Database>(m_settings.connect());
        look_at_state(next);
        publish(next);
        look_at_parts(next);
    } catch (const Error& error) {
        if (error.code() == ExitCode::schema) {
            next.schema_error = error.what();
        } else {
            next.database_error = error.what();
            m_database.reset();
        }
        m_schema.reset();
        log::debug("the state cannot be read: {}", error.what());
    }
    publish(next);
}

void Observer::publish(const Snapshot& next) {
    auto made = std::make_shared<const Snapshot>(next);
    const std::lock_guard lock(m_mutex);
    m_snapshot = std::move(made);
}

void Observer::ask_for_life(db::Transaction& transaction, Snapshot& next) const {
    store::limit_statements(transaction, k_max_statement);
    const auto asked = steady_time();
    store::server_time(transaction);
    next.database_seen_at = steady_time();
    next.response_s = std::chrono::duration<double>(*next.database_seen_at - asked).count();
    next.database_error.clear();
}

void Observer::look_at_state(Snapshot& next) {
    db::Transaction transaction(*m_database, db::Access::read_only);
    ask_for_life(transaction, next);
    if (m_schema && m_fast_due && *next.database_seen_at < *m_fast_due) return;
    m_schema = db::read_schema(transaction);
    next.schema_error.clear();
    next.schema_version = store::last_migration(transaction);
    next.fast = read_fast_status(transaction, *m_schema, m_settings.runs);
    m_fast_due = steady_time() + m_settings.fast;
}

// Each takes some seconds at most, and the database is asked for a sign of life after each that was read, so
// that it does not look dead because much is read.
void Observer::look_at_parts(Snapshot& next) {
    const auto read = [&](std::optional<SteadyTime>& due, std::chrono::milliseconds every,
                          std::chrono::milliseconds longest, const Part& part) {
        m_slot.beat();
        if (!read_part(due, every, longest, part)) return;
        db::Transaction transaction(*m_database, db::Access::read_only);
        ask_for_life(transaction, next);
        publish(next);
    };
    read(m_jobs_due, m_settings.fast, k_max_statement,
         [&](db::Transaction& transaction) { next.jobs = read_job_status(transaction); });
    read(m_totals_due, m_settings.fast, k_max_count, [&](db::Transaction& transaction) {
        next.job_totals = std::make_shared<const store::Counters>(store::read_job_totals(transaction));
    });
    read(m_slow_due, m_settings.slow, k_max_count, [&](db::Transaction& transaction) {
        auto slow = std::make_shared<SlowStatus>();
        slow->contents = store::read_contents(transaction, *m_schema, m_settings.articles);
        slow->stats = store::read_stats(transaction, *m_schema);
        slow->read_at = steady_time();
        next.slow = std::move(slow);
    });
}

// In a transaction of its own: a count that takes too long says nothing about the database's health. False:
// it is not due.
bool Observer::read_part(std::optional<SteadyTime>& due, std::chrono::milliseconds every,
                         std::chrono::milliseconds longest, const Part& read) {
    const auto begun = steady_time();
    if (due && begun < *due) return false;
    try {
        db::Transaction transaction(*m_database, db::Access::read_only);
        store::limit_statements(transaction, longest);
        read(transaction);
    } catch (const Error& error) {
        log::debug("a part of the state cannot be read: {}", error.what());
    }
    due = next_count(begun, every);
    return true;
}
}
