#include "core/monitor/watchdog.hpp"

#include <fmt/format.h>

namespace cti::monitor {

std::string find_hang(const LoopView& view, const WatchdogSettings& settings, Time now) {
    if (now - view.heartbeat > settings.longest_silence)
        return fmt::format("the loop has not turned for {}", format_duration(now - view.heartbeat));
    if (view.round_began && now - *view.round_began > settings.longest_round)
        return fmt::format("a round has taken {}", format_duration(now - *view.round_began));
    return {};
}

Watchdog::Watchdog(WatchdogSettings settings, const LoopState& state)
    : m_settings(std::move(settings)), m_state(state), m_thread(m_settings.every, [this] { look(); }) {}

void Watchdog::look() {
    const auto hang = find_hang(m_state.view(), m_settings, m_settings.now());
    if (hang.empty() || m_told) return;
    m_told = true;
    m_settings.on_hang(hang);
}
}
