#include "core/base/clock.hpp"

namespace cti {

SteadyTime steady_time() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::steady_clock::now());
}

Instant current_instant() { return {current_time(), steady_time()}; }
}
