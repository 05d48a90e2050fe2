#pragma once
#include <chrono>
#include <functional>

namespace cti {

// Between two tries: waits for `length`, and looks twenty times a second whether it is to stop, which
// somebody who presses Ctrl-C does not notice. False: it was stopped. A watchdog takes the thread for alive
// meanwhile.
bool pause_for(std::chrono::steady_clock::duration length, const std::function<bool()>& is_stopped);
}
