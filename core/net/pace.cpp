#include "core/net/pace.hpp"

#include <algorithm>
#include <vector>

namespace cti::net {
namespace {
using namespace std::chrono_literals;
constexpr std::size_t k_max_begins = 240; // Faster paces than four a second are kept as an even distance.
}

void Pace::begin(std::string_view host_name, Moment now) {
    auto& host = get(host_name, now);
    ++host.connections;
    host.last_begin = now;
    host.begins.push_back(now);
    while (host.begins.size() > k_max_begins || host.begins.front() + 1min <= now) host.begins.pop_front();
}

void Pace::end(std::string_view host_name, Moment now) {
    auto& host = get(host_name, now);
    host.connections = std::max(0, host.connections - 1);
}

void Pace::hold(std::string_view host_name, Moment until) {
    auto& host = get(host_name, until);
    host.held_until = std::max(host.held_until, until);
}

std::optional<Pace::Moment> Pace::held_until(std::string_view host_name, Moment now) const {
    const auto* host = find(host_name);
    if (host == nullptr || host->held_until <= now) return std::nullopt;
    return host->held_until;
}

Pace::Moment Pace::ready_at(std::string_view host_name, const HostRules& rules, Moment now) const {
    const auto* host = find(host_name);
    if (host == nullptr) return now;
    if (host->connections >= std::max(1, rules.max_connections)) return Moment::max();
    Moment ready = std::max(now, host->held_until);
    if (host->begins.empty()) return ready; // It was never asked, only held.
    ready = std::max(ready, host->last_begin + rules.min_delay);
    if (!rules.max_requests_per_minute) return ready;
    const int a_minute = std::max(1, *rules.max_requests_per_minute);
    const auto most = static_cast<std::size_t>(a_minute);
    if (most > k_max_begins) return std::max(ready, host->last_begin + Clock::duration{1min} / a_minute);
    if (host->begins.size() < most) return ready;
    return std::max(ready, host->begins[host->begins.size() - most] + 1min);
}

const Pace::Host* Pace::find(std::string_view host) const {
    const auto it = m_hosts.find(host);
    return it == m_hosts.end() ? nullptr : &it->second;
}

Pace::Host& Pace::get(std::string_view host, Moment now) {
    if (const auto it = m_hosts.find(host); it != m_hosts.end()) return it->second;
    if (m_hosts.size() >= m_most_hosts) forget_idle(now);
    return m_hosts[std::string(host)];
}

// A quarter at a time, so that the search for them is paid for by as many new hosts.
void Pace::forget_idle(Moment now) {
    std::vector<std::pair<Moment, std::string_view>> idle;
    for (const auto& [name, host] : m_hosts) {
        if (host.connections == 0)
            idle.emplace_back(std::max(host.last_begin, std::min(host.held_until, now)), name);
    }
    const auto count = std::min(idle.size(), std::max<std::size_t>(1, m_most_hosts / 4));
    std::ranges::nth_element(idle, idle.begin() + static_cast<std::ptrdiff_t>(count));
    idle.resize(count);
    for (const auto& [last, name] : idle) m_hosts.erase(m_hosts.find(name));
}
}
