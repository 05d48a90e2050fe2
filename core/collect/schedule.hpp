#pragma once
#include <chrono>
#include <optional>
#include <string>

// When a source is asked again. Pure.
namespace cti::collect {

constexpr std::chrono::seconds k_max_wait{24 * 3600};

struct ScheduleInput {
    std::chrono::seconds check_frequency{3600};
    std::optional<std::chrono::seconds> feed_asks = {};   // ttl or sy:updatePeriod of the feed
    std::optional<std::chrono::seconds> fresh_for = {};   // Cache-Control or Expires
    std::optional<std::chrono::seconds> retry_after = {}; // of an answer that refused
    int failures = 0;                                     // in a row, with this check
    std::string error = {};                               // of this check, "" when it succeeded
    double jitter = 0.5;                                  // 0 to 1, for the jitter
};

struct NextCheck {
    std::chrono::seconds in{0};
    std::string reason; // why it is later than check_frequency says, or ""
};
// The longest of what the source's row, the feed and its server ask for; doubled with each failure in a row.
// Nothing makes it longer than a day, unless check_frequency itself is. The jitter spreads sources that began
// together: up to 5 % less where only check_frequency counts (so that a cron line with the same interval does
// not just miss it), up to 5 % more where somebody asked for the wait.
NextCheck schedule(const ScheduleInput& input);
}
