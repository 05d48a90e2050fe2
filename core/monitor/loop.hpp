#pragma once
#include "core/base/clock.hpp"
#include "core/base/cron.hpp"
#include "core/base/error.hpp"
#include "core/base/thread_board.hpp"
#include "core/collect/collect.hpp"
#include "core/monitor/snapshot.hpp"
#include "core/store/own/housekeeping.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

// Collects for ever. The loop knows no clock, no signal and no options of its own: it asks its
// LoopEnvironment, so that a test can let a day pass in seconds. All that waits or measures uses the steady
// clock; the wall clock, which may be set at any moment, is only asked when a cron expression comes next.
namespace cti::monitor {

// What the loop says of itself, for the threads that answer.
class LoopState {
public:
    // threads: where the loop's thread says what it does.
    explicit LoopState(LoopView first, ThreadBoard* threads = nullptr)
        : m_view(std::move(first)), m_thread(threads, "loop") {}
    LoopView view() const;
    void beat(SteadyTime now);
    void begin_round(SteadyTime now);
    void end_round(SteadyTime now, bool good, const std::string& error);
    void begin_housekeeping(SteadyTime now);
    void rest(SteadyTime now); // until the next round
    void plan(SteadyTime next);
    void drain();
    void set_schedule(const std::string& schedule, std::chrono::seconds period);

private:
    mutable std::mutex m_mutex;
    LoopView m_view;
    ThreadSlot m_thread;
};

// When a round comes: when a source is due; every `interval`, with a jitter of 5 % either way; or when `cron`
// says so. The first one comes at once.
//
// When the wall clock is set, `due` and `interval` do not notice. For `cron` the rule is much as in cron(8).
// Set forward: the moments that were passed over have one round, at once. Set back by up to three hours: what
// had its round does not get another for it; until the clock is where it was, rounds come as far apart as the
// schedule's moments are, so that collecting does not stop. Set back further: the clock shows a new time.
// However it is set, the next round is never further away than a moment of the schedule is from the one
// before it.
struct Plan {
    enum class Mode { due, interval, cron } mode = Mode::interval;
    std::chrono::seconds interval{300};
    std::optional<Cron> cron;

    std::string in_words() const;
    std::chrono::seconds period() const; // between two rounds, about; for cron the time between the next two
};

struct LoopSettings {
    Plan plan;
    std::optional<Cron> housekeeping;
    store::Retention retention;
    // Somebody asked for these times: they become the plans `collect` and `housekeeping` of the database.
    // Otherwise the plans say what the times are. In both cases a plan that is changed later is followed.
    bool sets_collect = true, sets_housekeeping = true;
};

struct LoopEnvironment {
    std::function<Time()> now;                           // the wall clock
    std::function<SteadyTime()> steady;                  // the one that nobody sets
    std::function<void(std::chrono::milliseconds)> wait; // at most so long; a signal ends it
    std::function<bool()> is_stopped;
    std::function<std::optional<LoopSettings>()>
        reload; // once after each SIGHUP; throws Error when what was read is no use
    std::function<db::Database()> connect; // throws Error
    std::function<collect::Report(db::Database&, const db::Schema&, std::chrono::seconds early)> collect;
    std::function<void()> round_ended;
    std::function<double()> jitter; // 0 to 1
};

class Loop {
public:
    Loop(LoopSettings settings, LoopEnvironment environment, LoopState& state);
    // Until it is stopped. Trouble with the database or its schema is told, and waited for with growing
    // pauses of up to 10 s.
    void run();

private:
    void step();
    void look_for_reload();
    void follow_plans();
    void do_round();
    void collect_if_due();
    void run_housekeeping_if_due();
    void run_housekeeping();
    void fail(const Error& error);
    void plan_next_round(SteadyTime begun);
    void plan_by_cron();
    void follow_wall_clock();

    LoopSettings m_settings;
    LoopEnvironment m_environment;
    LoopState& m_state;
    std::optional<db::Database> m_database;
    std::optional<db::Schema> m_schema;
    SteadyTime m_next_round;
    bool m_must_set_plans = true; // by the settings, which are new
    bool m_is_paused = false;     // the plan `collect` is disabled, and rounds come by it
    std::optional<SteadyTime> m_next_look_at_plans;
    bool m_is_cron_round = false; // m_next_round is a moment of the wall clock
    Instant m_last_look;          // at both clocks
    std::optional<Time> m_served; // the moments of cron until then have had their round
    std::optional<SteadyTime> m_next_housekeeping_check, m_marked;
    int m_failures = 0;
    SteadyTime m_failing_since{};
    std::optional<SteadyTime> m_told;
};
}
