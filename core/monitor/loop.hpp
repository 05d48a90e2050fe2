#pragma once
#include "core/base/error.hpp"
#include "core/collect/collect.hpp"
#include "core/monitor/cron.hpp"
#include "core/monitor/snapshot.hpp"
#include "core/store/housekeeping.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

// Collects for ever. The loop knows no clock, no signal and no options of its own: it asks its World, so that
// a test can let a day pass in seconds.
namespace cti::monitor {

// What the loop says of itself, for the threads that answer.
class LoopState {
public:
    explicit LoopState(LoopView first) : m_view(std::move(first)) {}
    LoopView view() const;
    void beat(Time now);
    void begin_round(Time now);
    void end_round(Time now, bool good, const std::string& error);
    void plan(Time next);
    void drain();
    void set_schedule(const std::string& schedule, std::chrono::seconds period);

private:
    mutable std::mutex m_mutex;
    LoopView m_view;
};

// When a round comes: when a source is due; every `interval`, with a jitter of 5 % either way; or when `cron`
// says so. The first one comes at once.
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
    store::Keep keep;
};

struct World {
    std::function<Time()> now;
    std::function<void(std::chrono::milliseconds)> wait; // at most so long; a signal ends it
    std::function<bool()> is_stopped;
    std::function<std::optional<LoopSettings>()>
        take_reload; // once after each SIGHUP; throws Error when what was read is no use
    std::function<store::Database()> connect; // throws Error
    std::function<collect::Report(store::Database&, const store::Schema&, std::chrono::seconds early)>
        collect;
    std::function<void()> round_ended;
    std::function<double()> lot; // 0 to 1, for the jitter
};

class Loop {
public:
    Loop(LoopSettings settings, World world, LoopState& state);
    // Until it is stopped. Trouble with the database or its schema is told, and waited for with growing
    // pauses of up to 10 s.
    void run();

private:
    void step();
    void look_for_reload();
    void do_round();
    void collect_if_due();
    void keep_house_if_due();
    void keep_house();
    void fail(const Error& error);
    Time next_round(Time begun);

    LoopSettings m_settings;
    World m_world;
    LoopState& m_state;
    std::optional<store::Database> m_database;
    std::optional<store::Schema> m_schema;
    Time m_next_round, m_next_look_at_house{}, m_marked{};
    int m_failures = 0;
    Time m_failing_since{}, m_told{};
};
}
