#pragma once
#include "core/base/time.hpp"

#include <chrono>

// Two clocks. The wall clock has dates and may be set at any moment, forward or back; the steady one has no
// dates and only goes forward. Whatever waits, or measures an age, uses the steady one.
namespace cti {

using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;

SteadyTime steady_time();

// One moment on both clocks.
struct Instant {
    Time wall;
    SteadyTime steady;

    // What the wall clock, as it is set now, says of another moment: true after a step, too.
    Time date_of(SteadyTime moment) const { return wall + (moment - steady); }
};
Instant current_instant();
}
