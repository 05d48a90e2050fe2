#include "core/monitor/loop.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/store/orphans.hpp"
#include "core/store/overview.hpp"
#include "core/store/runs.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto k_slice = 1s;                   // the heart beats between two waits
constexpr auto k_look = 10s;                   // for sources that were added or changed, in the mode `due`
constexpr auto k_look_at_house = 15s;          // whether it is time for it
constexpr auto k_longest_pause = 10s;          // while the database is away
constexpr auto k_tell_again = 5min;            // that it still is
constexpr auto k_longest_housekeeping = 10min; // what is left is done the next time
constexpr auto k_cron_early = 1h;              // see store::ClaimOptions::early
}

LoopView LoopState::view() const {
    const std::lock_guard lock(m_mutex);
    return m_view;
}
void LoopState::beat(Time now) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
}
void LoopState::begin_round(Time now) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_view.round_began = now;
}
void LoopState::end_round(Time now, bool good, const std::string& error) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_view.round_began.reset();
    m_view.last_round = now;
    if (good) m_view.last_good_round = now;
    m_view.last_error = error;
}
void LoopState::plan(Time next) {
    const std::lock_guard lock(m_mutex);
    m_view.next_round = next;
}
void LoopState::drain() {
    const std::lock_guard lock(m_mutex);
    m_view.draining = true;
}
void LoopState::set_schedule(const std::string& schedule, seconds period) {
    const std::lock_guard lock(m_mutex);
    m_view.schedule = schedule;
    m_view.period = period;
}

std::string Plan::in_words() const {
    switch (mode) {
    case Mode::due: return "when a source is due";
    case Mode::interval: return fmt::format("every {} s", interval.count());
    case Mode::cron: return fmt::format("{} ({})", cron->expression(), cron->zone());
    }
    return {};
}

seconds Plan::period() const {
    if (mode == Mode::due) return 60s;
    if (mode == Mode::interval) return interval;
    const auto next = cron->next(Time{});
    return std::chrono::duration_cast<seconds>(cron->next(next) - next);
}

Loop::Loop(LoopSettings settings, World world, LoopState& state)
    : m_settings(std::move(settings)), m_world(std::move(world)), m_state(state),
      m_next_round(m_world.now()) {
    m_state.set_schedule(m_settings.plan.in_words(), m_settings.plan.period());
}

void Loop::run() {
    while (!m_world.is_stopped()) {
        step();
        if (m_world.is_stopped()) break;
        const auto left = std::chrono::ceil<milliseconds>(m_next_round - m_world.now());
        m_world.wait(std::clamp<milliseconds>(left, 0ms, k_slice));
    }
    m_state.drain();
}

void Loop::step() {
    m_state.beat(m_world.now());
    look_for_reload();
    try {
        if (m_world.now() >= m_next_round) do_round();
        keep_house_if_due();
    } catch (const Error& error) {
        if (error.code() == ExitCode::usage) throw; // Will be no better in a minute.
        fail(error);
    }
    m_state.plan(m_next_round);
}

// The new settings count from now on; what is no use leaves the old ones.
void Loop::look_for_reload() {
    try {
        auto settings = m_world.take_reload();
        if (!settings) return;
        m_settings = *std::move(settings);
        m_state.set_schedule(m_settings.plan.in_words(), m_settings.plan.period());
        m_next_round = m_world.now();
        m_database.reset(); // Its address may be another one now.
        log::notice("the configuration was read again: {}", m_settings.plan.in_words());
    } catch (const Error& error) {
        log::error("the configuration was not read again: {}", error.what());
    }
}

void Loop::do_round() {
    const auto begun = m_world.now();
    m_state.begin_round(begun);
    if (!m_database) {
        m_database = m_world.connect();
        m_schema.reset();
    }
    if (!m_schema || m_settings.plan.mode != Plan::Mode::due) {
        store::Transaction transaction(*m_database, store::Access::read_only);
        m_schema = store::read_schema(transaction);
    }
    collect_if_due();
    if (m_failures > 0)
        log::notice("the database is there again after {}", format_duration(m_world.now() - m_failing_since));
    m_failures = 0;
    m_next_round = next_round(begun);
}

void Loop::collect_if_due() {
    const auto early = m_settings.plan.mode == Plan::Mode::due        ? 0s
                       : m_settings.plan.mode == Plan::Mode::interval ? m_settings.plan.interval / 2
                                                                      : seconds(k_cron_early);
    std::optional<milliseconds> wait;
    {
        store::Transaction transaction(*m_database, store::Access::read_only);
        wait = store::time_to_next_due(transaction, *m_schema, early);
    }
    if (wait && *wait <= 0ms) {
        const auto report = m_world.collect(*m_database, *m_schema, early);
        const auto outcome = collect::outcome_of(report);
        m_state.end_round(m_world.now(), outcome != "failed" || report.results.size() < 2,
                          outcome == "failed" ? "every source failed" : "");
        m_world.round_ended();
        return;
    }
    // Nothing is due: a good round too, and once a minute the others are told.
    if (const auto now = m_world.now(); now - m_marked >= 1min) {
        store::with_retry(*m_database, [](store::Transaction& transaction) {
            store::mark_schedule(transaction, "collect", true, 0);
        });
        m_marked = now;
    }
    m_state.end_round(m_world.now(), true, "");
}

Time Loop::next_round(Time begun) {
    const auto now = m_world.now();
    switch (m_settings.plan.mode) {
    case Plan::Mode::cron: return m_settings.plan.cron->next(now);
    case Plan::Mode::interval: {
        const auto jittered = std::chrono::duration_cast<Time::duration>(m_settings.plan.interval *
                                                                         (0.95 + 0.1 * m_world.lot()));
        return std::max(now, begun + jittered);
    }
    case Plan::Mode::due: break;
    }
    store::Transaction transaction(*m_database, store::Access::read_only);
    const auto wait = store::time_to_next_due(transaction, *m_schema, 0s).value_or(k_look);
    // Never at once: what is due still and was not handed out has its reason.
    return now + std::clamp<milliseconds>(wait, 1s, k_look);
}

// Ten processes that lost the same server do not come back in the same moment.
void Loop::fail(const Error& error) {
    const auto now = m_world.now();
    m_database.reset();
    m_state.end_round(now, false, error.what());
    if (m_failures++ == 0) m_failing_since = now, m_told = Time{};
    const auto pause =
        std::min<milliseconds>(k_longest_pause, milliseconds(500) * (1 << std::min(m_failures, 8)));
    m_next_round = now + std::chrono::duration_cast<Time::duration>(pause * (0.5 + 0.5 * m_world.lot()));
    if (now - m_told < k_tell_again) return;
    m_told = now;
    log::error("{}; trying again until it works", error.what());
    if (!error.hint().empty()) log::hint(error.hint());
}

void Loop::keep_house_if_due() {
    const auto now = m_world.now();
    if (!m_settings.housekeeping || !m_database || !m_schema || now < m_next_look_at_house) return;
    m_next_look_at_house = now + k_look_at_house;
    bool is_mine = false;
    const auto next_in = m_settings.housekeeping->next(now) - now;
    store::with_retry(*m_database, [&](store::Transaction& transaction) {
        is_mine = store::take_scheduled(transaction, "housekeeping", next_in);
    });
    if (is_mine) keep_house();
}

// Small transactions until nothing is left, the time is over or somebody asks to stop.
void Loop::keep_house() {
    const auto begun = m_world.now();
    const auto all_of = [&](const auto& remove_batch) {
        long sum = 0;
        for (long removed = 1;
             removed > 0 && !m_world.is_stopped() && m_world.now() - begun < k_longest_housekeeping;) {
            store::with_retry(*m_database,
                              [&](store::Transaction& transaction) { removed = remove_batch(transaction); });
            sum += removed;
            m_state.beat(m_world.now());
        }
        return sum;
    };
    const auto& keep = m_settings.keep;
    const auto checks = all_of([&](store::Transaction& transaction) {
        return store::remove_old_checks(transaction, *m_schema, keep.checks);
    });
    const auto entries = all_of([&](store::Transaction& transaction) {
        return store::remove_old_entries(transaction, keep.seen_entries);
    });
    const auto runs = all_of(
        [&](store::Transaction& transaction) { return store::remove_old_runs(transaction, keep.runs); });
    const auto events = all_of([&](store::Transaction& transaction) {
        return store::remove_old_notifications(transaction, keep.notifications);
    });
    const auto orphans =
        all_of([](store::Transaction& transaction) { return store::remove_orphans(transaction); });
    const auto took = m_world.now() - begun;
    store::with_retry(*m_database, [&](store::Transaction& transaction) {
        store::refresh_statistics(transaction);
        store::mark_schedule(transaction, "housekeeping", true, std::chrono::duration<double>(took).count());
    });
    log::notice(
        "housekeeping in {}: {} old checks, {} entries, {} runs, {} notifications and {} orphans removed",
        format_duration(took), checks, entries, runs, events, orphans);
}
}
