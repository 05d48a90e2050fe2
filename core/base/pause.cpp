#include "core/base/pause.hpp"

#include "core/base/thread_board.hpp"

#include <algorithm>
#include <thread>

namespace cti {

bool pause_for(std::chrono::steady_clock::duration length, const std::function<bool()>& is_stopped) {
    using Clock = std::chrono::steady_clock;
    constexpr Clock::duration look = std::chrono::milliseconds(50);
    const auto end = Clock::now() + length;
    for (auto left = length; left > Clock::duration::zero(); left = end - Clock::now()) {
        if (is_stopped && is_stopped()) return false;
        beat_this_thread();
        std::this_thread::sleep_for(std::min(left, look));
    }
    return !(is_stopped && is_stopped());
}
}
