#pragma once
#include "core/base/thread_board.hpp"
#include "core/monitor/loop.hpp"
#include "core/monitor/periodic.hpp"

#include <functional>
#include <string>

namespace cti::monitor {

struct WatchdogSettings {
    std::chrono::seconds longest_silence{300}; // of the loop's heart, and of a thread that has work
    std::chrono::seconds longest_round{3720};
    std::chrono::milliseconds every{1'000};
    std::function<SteadyTime()> now = steady_time;
    const LoopState* loop = nullptr;                 // none: a process without a loop
    const ThreadBoard* threads = nullptr;            // none: only the loop is watched
    std::function<void(const std::string&)> on_hang; // called once, in the watchdog's thread
};

// The last resort: what a round's own limits did not end. The process is then to end, so that whoever started
// it starts it again; its leases run out, and nothing that was committed is lost.
class Watchdog {
public:
    explicit Watchdog(WatchdogSettings settings);

private:
    void look();

    WatchdogSettings m_settings;
    bool m_told = false;
    Periodic m_thread; // Last: it uses all of the above.
};

// Why the loop counts as hung, or "".
std::string find_hang(const LoopView& view, const WatchdogSettings& settings, SteadyTime now);
// The same of all that the settings watch.
std::string find_hang(const WatchdogSettings& settings);
}
