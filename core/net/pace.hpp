#pragma once
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

// Politeness: when a host may be asked next. Knows no clock; times come from the caller.
namespace cti::net {

struct HostRules {
    std::chrono::milliseconds min_delay{0}; // between the beginnings of two requests
    int max_connections = 2;
    std::optional<int> max_requests_per_minute = std::nullopt;
};

class Pace {
public:
    using Clock = std::chrono::steady_clock;
    using Moment = Clock::time_point;

    // most_hosts: hosts that are remembered; the ones idle for longest are forgotten first.
    explicit Pace(std::size_t most_hosts = 10'000) : m_most_hosts(most_hosts) {}

    void begin(std::string_view host_name, Moment now);
    void end(std::string_view host_name, Moment now);
    // The host asked for a rest (Retry-After). A hold only grows.
    void hold(std::string_view host_name, Moment until);
    // The end of the host's hold, when it is later than `now`.
    std::optional<Moment> held_until(std::string_view host_name, Moment now) const;

    // The earliest moment from `now` on at which a request may begin; Moment::max() while all its connections
    // are busy.
    Moment ready_at(std::string_view host_name, const HostRules& rules, Moment now) const;
    std::size_t hosts() const { return m_hosts.size(); }

private:
    struct Host {
        int connections = 0;
        Moment last_begin{}, held_until{};
        std::deque<Moment> begins; // of the last minute, oldest first, k_max_begins at most
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    const Host* find(std::string_view host) const;
    Host& get(std::string_view host, Moment now);
    void forget_idle(Moment now);

    std::size_t m_most_hosts;
    std::unordered_map<std::string, Host, Hash, std::equal_to<>> m_hosts;
};
}
