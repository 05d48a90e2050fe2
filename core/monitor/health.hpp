#pragma once
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

constexpr std::chrono::seconds k_longest_silence{8};    // of the database, until it counts as away
constexpr std::chrono::seconds k_longest_heartbeat{60}; // of the loop, until it counts as dead

bool is_alive(const LoopView& loop, Time now);
bool is_database_up(const Snapshot& snapshot, Time now);
// The reason why no work can be done, or "".
std::string unready_reason(const Snapshot& snapshot, const LoopView& loop, Time now);
Health judge(const Snapshot& snapshot, const LoopView& loop, Time now);

// The document of /health: INTERFACE's members, and the checks in the form of the draft.
std::string health_json(const Health& health, const Snapshot& snapshot, const LoopView& loop, Time now);
}
