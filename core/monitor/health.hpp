#pragma once
#include "core/base/thread_board.hpp"
#include "core/monitor/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

// Whether all is well, from what is known. Pure.
namespace cti::monitor {

enum class Level { pass, warn, fail };
std::string_view name_of(Level level);     // pass, warn, fail: draft-inadarei-api-health-check
std::string_view status_word(Level level); // healthy, degraded, unhealthy

struct Check {
    std::string name; // "postgresql:responseTime"
    Level level = Level::pass;
    std::string observed; // a JSON value
    std::string unit;     // "s", "" without
    std::string output;   // what is wrong, for people; "" when nothing is
};

struct Health {
    Level level = Level::pass;
    std::string reason; // of the worst check, one line; "" when all is well
    std::vector<Check> checks;
};

constexpr std::chrono::seconds k_max_silence{8};    // of the database, until it counts as away
constexpr std::chrono::seconds k_max_heartbeat{60}; // of the loop, until it counts as dead

// Of a thread that has work: until it is worth a warning, and until it counts as hung.
constexpr std::chrono::seconds k_slow_thread{60}, k_max_thread_silence{300};

// Why the process is hurt, or "": the loop does not turn, or a thread that has work does not get on with it.
std::string find_hurt(const LoopView& loop, const std::vector<ThreadStatus>& threads, SteadyTime now);
bool is_database_up(const Snapshot& snapshot, SteadyTime now);
// The reason why no work can be done, or "": also where the last round could not be.
std::string unready_reason(const Snapshot& snapshot, const LoopView& loop, SteadyTime now);
Health assess_health(const Snapshot& snapshot, const LoopView& loop, const std::vector<ThreadStatus>& threads,
                     SteadyTime now);

// The document of /health: the states of docs/reference.md, and the checks in the form of the draft.
std::string health_json(const Health& health, const Snapshot& snapshot, const LoopView& loop,
                        const Instant& now);
}
