#include "core/monitor/watchdog.hpp"

#include <fmt/format.h>

namespace cti::monitor {

std::string find_hang(const LoopView& view, const WatchdogSettings& settings, SteadyTime now) {
    if (now - view.heartbeat > settings.longest_silence)
        return fmt::format("the loop has not turned for {}", format_duration(now - view.heartbeat));
    if (view.round_began && now - *view.round_began > settings.longest_round)
        return fmt::format("a round has taken {}", format_duration(now - *view.round_began));
    return {};
}

std::string find_hang(const WatchdogSettings& settings) {
    std::string hang;
    if (settings.loop != nullptr) hang = find_hang(settings.loop->view(), settings, settings.now());
    if (hang.empty() && settings.threads != nullptr)
        hang = find_stuck_thread(settings.threads->list(), settings.longest_silence);
    return hang;
}

Watchdog::Watchdog(WatchdogSettings settings)
    : m_settings(std::move(settings)), m_thread(m_settings.every, [this] { look(); }) {}

void Watchdog::look() {
    if (m_told) return;
    const auto hang = find_hang(m_settings);
    if (hang.empty()) return;
    m_told = true;
    m_settings.on_hang(hang);
}
}
