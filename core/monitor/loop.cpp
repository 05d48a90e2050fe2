#include "core/monitor/loop.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/monitor/kept_plans.hpp"
#include "core/ops/housekeeping.hpp"
#include "core/store/own/runs.hpp"
#include "core/store/read/overview.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto k_slice = 1s;               // the heart beats between two waits
constexpr auto k_look = 10s;               // for sources that were added or changed, in the mode `due`
constexpr auto k_housekeeping_check = 15s; // whether it is time for it
constexpr auto k_max_pause = 10s;          // while the database is away
constexpr auto k_tell_again = 5min;        // that it still is
constexpr auto k_cron_early = 1h;          // see store::ClaimOptions::early
constexpr auto k_set = 3s;                 // further back than expected, a wall clock was set
constexpr auto k_new_time = 3h;            // set back further, it shows a new time, as in cron(8)
// The two clocks are not read at once, so a round may begin a little before its moment, which is then served.
constexpr auto k_one_moment = 1s;
constexpr auto k_next_housekeeping = 1min;
}

LoopView LoopState::view() const {
    const std::lock_guard lock(m_mutex);
    return m_view;
}
void LoopState::beat(SteadyTime now) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_thread.beat();
}
void LoopState::begin_round(SteadyTime now) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_view.round_began = now;
    m_thread.begin("a round");
}
void LoopState::end_round(SteadyTime now, bool good, const std::string& error) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_view.round_began.reset();
    m_view.last_round = now;
    if (good) m_view.last_good_round = now;
    m_view.last_error = error;
    m_thread.begin("what follows a round");
}
void LoopState::begin_housekeeping(SteadyTime now) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_thread.begin("housekeeping");
}
void LoopState::rest(SteadyTime now) {
    const std::lock_guard lock(m_mutex);
    m_view.heartbeat = now;
    m_thread.end();
}
void LoopState::plan(SteadyTime next) {
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

Loop::Loop(LoopSettings settings, LoopEnvironment environment, LoopState& state)
    : m_settings(std::move(settings)), m_environment(std::move(environment)), m_state(state),
      m_next_round(m_environment.steady()), m_last_look{m_environment.now(), m_next_round} {
    m_state.set_schedule(m_settings.plan.in_words(), m_settings.plan.period());
}

void Loop::run() {
    while (!m_environment.is_stopped()) {
        step();
        if (m_environment.is_stopped()) break;
        const auto left = std::chrono::ceil<milliseconds>(m_next_round - m_environment.steady());
        m_environment.wait(std::clamp<milliseconds>(left, 0ms, k_slice));
    }
    m_state.drain();
}

void Loop::step() {
    m_state.beat(m_environment.steady());
    follow_wall_clock();
    look_for_reload();
    try {
        if (m_environment.steady() >= m_next_round) do_round();
        follow_plans();
        run_housekeeping_if_due();
    } catch (const Error& error) {
        if (error.code() == ExitCode::usage) throw; // Will be no better in a minute.
        fail(error);
    }
    m_state.plan(m_next_round);
    m_state.rest(m_environment.steady());
}

// A clock that is corrected little by little, and one that is set forward: the moment comes when the clock
// shows it, at once if it is over. One that is set back: the plan is made anew.
void Loop::follow_wall_clock() {
    const Instant look{m_environment.now(), m_environment.steady()};
    const auto set_by = look.wall - m_last_look.date_of(look.steady);
    m_last_look = look;
    if (!m_is_cron_round) return;
    if (set_by > -k_set)
        m_next_round -= set_by;
    else
        plan_by_cron();
}

// The new settings count from now on; what is no use leaves the old ones.
void Loop::look_for_reload() {
    try {
        auto settings = m_environment.reload();
        if (!settings) return;
        m_settings = *std::move(settings);
        m_state.set_schedule(m_settings.plan.in_words(), m_settings.plan.period());
        m_next_round = m_environment.steady();
        m_is_cron_round = false;
        m_served.reset();
        m_must_set_plans = true;
        m_next_look_at_plans.reset();
        m_database.reset(); // Its address may be another one now.
        log::notice("the configuration was read again: {}", m_settings.plan.in_words());
    } catch (const Error& error) {
        log::error("the configuration was not read again: {}", error.what());
    }
}

void Loop::do_round() {
    const auto begun = m_environment.steady();
    m_state.begin_round(begun);
    const Time moment = m_environment.now() + k_one_moment;
    m_served = std::max(m_served.value_or(moment), moment);
    if (!m_database) {
        m_database = m_environment.connect();
        m_schema.reset();
    }
    if (!m_schema || m_settings.plan.mode != Plan::Mode::due) {
        db::Transaction transaction(*m_database, db::Access::read_only);
        m_schema = db::read_schema(transaction);
    }
    // The first look at the plans comes before the first round: it may be one too many.
    follow_plans();
    if (m_is_paused)
        m_state.end_round(m_environment.steady(), true, "");
    else
        collect_if_due();
    if (m_failures > 0)
        log::notice("the database is there again after {}",
                    format_duration(m_environment.steady() - m_failing_since));
    m_failures = 0;
    plan_next_round(begun);
}

void Loop::follow_plans() {
    const auto now = m_environment.steady();
    if (!m_database || !m_schema || (m_next_look_at_plans && now < *m_next_look_at_plans)) return;
    const auto plans = keep_plans(*m_database, m_settings, m_must_set_plans);
    m_must_set_plans = false;
    m_next_look_at_plans = now + k_keep_plans_every;
    m_settings.housekeeping = plans.housekeeping;
    if (m_settings.plan.mode != Plan::Mode::cron) return;
    auto& cron = m_settings.plan.cron;
    const bool is_same = !plans.collect || plans.collect == cron;
    if (plans.collect) cron = plans.collect;
    const bool was_paused = std::exchange(m_is_paused, !plans.collect);
    if (was_paused == m_is_paused && is_same) return;
    const auto words = m_is_paused ? "never: the schedule 'collect' is disabled" : m_settings.plan.in_words();
    m_state.set_schedule(words, m_settings.plan.period());
    log::notice("collecting {}", words);
    if (m_is_cron_round) plan_by_cron();
}

void Loop::collect_if_due() {
    const auto early = m_settings.plan.mode == Plan::Mode::due        ? 0s
                       : m_settings.plan.mode == Plan::Mode::interval ? m_settings.plan.interval / 2
                                                                      : seconds(k_cron_early);
    std::optional<milliseconds> wait;
    {
        db::Transaction transaction(*m_database, db::Access::read_only);
        wait = store::time_to_next_due(transaction, *m_schema, early);
    }
    if (wait && *wait <= 0ms) {
        const auto report = m_environment.collect(*m_database, *m_schema, early);
        const auto outcome = collect::outcome_of(report);
        m_state.end_round(m_environment.steady(), outcome != "failed" || report.results.size() < 2,
                          outcome == "failed" ? "every source failed" : "");
        m_environment.round_ended();
        return;
    }
    // Nothing is due: a good round too, and once a minute the others are told.
    if (const auto now = m_environment.steady(); !m_marked || now - *m_marked >= 1min) {
        db::with_retry(*m_database, [](db::Transaction& transaction) {
            store::mark_schedule(transaction, "collect", true, 0);
        });
        m_marked = now;
    }
    m_state.end_round(m_environment.steady(), true, "");
}

void Loop::plan_next_round(SteadyTime begun) {
    const auto now = m_environment.steady();
    m_is_cron_round = false;
    switch (m_settings.plan.mode) {
    case Plan::Mode::cron: plan_by_cron(); return;
    case Plan::Mode::interval: {
        const auto jittered = std::chrono::duration_cast<SteadyTime::duration>(
            m_settings.plan.interval * (0.95 + 0.1 * m_environment.jitter()));
        m_next_round = std::max(now, begun + jittered);
        return;
    }
    case Plan::Mode::due: break;
    }
    db::Transaction transaction(*m_database, db::Access::read_only);
    const auto wait = store::time_to_next_due(transaction, *m_schema, 0s).value_or(k_look);
    // Never at once: what is due still and was not handed out has its reason.
    m_next_round = now + std::clamp<milliseconds>(wait, 1s, k_look);
}

// See Plan. Where the clock is behind the moments that have had their round, it is taken for what it was: the
// next one is then as far away as if the clock had not been set.
void Loop::plan_by_cron() {
    m_last_look = {m_environment.now(), m_environment.steady()};
    const auto wall = m_last_look.wall;
    if (!m_served || *m_served - wall > k_new_time) m_served = wall;
    const auto after = std::max(wall, *m_served);
    const auto wait = m_settings.plan.cron->next(after) - (after - wall > k_set ? after : wall);
    m_next_round = m_last_look.steady + wait;
    m_is_cron_round = true;
}

// Ten processes that lost the same server do not come back in the same moment.
void Loop::fail(const Error& error) {
    const auto now = m_environment.steady();
    m_database.reset();
    m_state.end_round(now, false, error.what());
    if (m_failures++ == 0) m_failing_since = now, m_told.reset();
    const auto pause =
        std::min<milliseconds>(k_max_pause, milliseconds(500) * (1 << std::min(m_failures, 8)));
    m_is_cron_round = false;
    m_next_round =
        now + std::chrono::duration_cast<SteadyTime::duration>(pause * (0.5 + 0.5 * m_environment.jitter()));
    if (m_told && now - *m_told < k_tell_again) return;
    m_told = now;
    log::error("{}; trying again until it works", error.what());
    if (!error.hint().empty()) log::hint(error.hint());
}

void Loop::run_housekeeping_if_due() {
    const auto now = m_environment.steady();
    if (!m_settings.housekeeping || !m_database || !m_schema) return;
    if (m_next_housekeeping_check && now < *m_next_housekeeping_check) return;
    m_next_housekeeping_check = now + k_housekeeping_check;
    bool is_mine = false;
    // The plan is a row with a moment of the server's clock; claim_scheduled() keeps it within `next_in`,
    // should a clock be set.
    const auto wall = m_environment.now();
    const auto next_in = m_settings.housekeeping->next(wall + k_next_housekeeping) - wall;
    db::with_retry(*m_database, [&](db::Transaction& transaction) {
        is_mine = store::claim_scheduled(transaction, "housekeeping", next_in);
    });
    if (is_mine) run_housekeeping();
}

// Small transactions until nothing is left, the time is over or somebody asks to stop.
void Loop::run_housekeeping() {
    m_state.begin_housekeeping(m_environment.steady());
    ops::HousekeepingObserver observer;
    observer.is_stopped = m_environment.is_stopped;
    observer.on_batch = [this] { m_state.beat(m_environment.steady()); };
    const auto result = ops::run_housekeeping(*m_database, *m_schema, m_settings.retention, observer);
    log::notice("housekeeping in {}: {}", format_duration(result.took), ops::describe(result));
}
}
