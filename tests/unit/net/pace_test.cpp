#include "core/net/pace.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti::net;
using namespace std::chrono_literals;

namespace {
const Pace::Moment k_start = Pace::Moment{} + 1000s;
}

TEST_CASE("Pace: a host nobody knows is ready at once") {
    const Pace pace;
    CHECK(pace.ready_at("a", {.min_delay = 5s}, k_start) == k_start);
}

TEST_CASE("Pace: the delay counts from one beginning to the next") {
    Pace pace;
    pace.begin("a", k_start);
    CHECK(pace.ready_at("a", {.min_delay = 5s}, k_start + 1s) == k_start + 5s);
    pace.end("a", k_start + 1s);
    CHECK(pace.ready_at("a", {.min_delay = 5s}, k_start + 1s) == k_start + 5s);
    CHECK(pace.ready_at("a", {.min_delay = 5s}, k_start + 9s) == k_start + 9s);
    CHECK(pace.ready_at("b", {.min_delay = 5s}, k_start + 1s) == k_start + 1s);
}

TEST_CASE("Pace: with all its connections busy a host is never ready") {
    Pace pace;
    pace.begin("a", k_start);
    CHECK(pace.ready_at("a", {}, k_start) == k_start);
    pace.begin("a", k_start);
    CHECK(pace.ready_at("a", {}, k_start) == Pace::Moment::max());
    CHECK(pace.ready_at("a", {.max_connections = 3}, k_start) == k_start);
    pace.end("a", k_start + 1s);
    CHECK(pace.ready_at("a", {}, k_start + 1s) == k_start + 1s);
    CHECK(pace.ready_at("a", {.max_connections = 0}, k_start + 1s) == Pace::Moment::max()); // one at least
}

TEST_CASE("Pace: at most so many requests a minute, in any minute") {
    Pace pace;
    const HostRules rules{.max_requests_per_minute = 3};
    for (const auto at : {0s, 10s, 20s}) {
        CHECK(pace.ready_at("a", rules, k_start + at) == k_start + at);
        pace.begin("a", k_start + at), pace.end("a", k_start + at);
    }
    CHECK(pace.ready_at("a", rules, k_start + 21s) == k_start + 60s);
    pace.begin("a", k_start + 60s), pace.end("a", k_start + 60s);
    CHECK(pace.ready_at("a", rules, k_start + 61s) == k_start + 70s);
    const HostRules many{.max_requests_per_minute = 6000};
    CHECK(pace.ready_at("a", many, k_start + 60s) == k_start + 60s + 10ms);
}

TEST_CASE("Pace: a hold only grows") {
    Pace pace;
    pace.hold("a", k_start + 60s);
    pace.hold("a", k_start + 30s);
    CHECK(pace.held_until("a", k_start) == k_start + 60s);
    CHECK(pace.ready_at("a", {}, k_start) == k_start + 60s);
    CHECK(pace.held_until("a", k_start + 60s) == std::nullopt);
    CHECK(pace.held_until("b", k_start) == std::nullopt);
}

TEST_CASE("Pace: the hosts that have been idle for longest are forgotten, busy and held ones last") {
    Pace pace(100);
    pace.begin("busy", k_start);
    pace.hold("held", k_start + 1h);
    for (int i = 0; i < 1000; ++i) {
        const auto at = k_start + std::chrono::seconds(i);
        pace.begin(std::to_string(i), at), pace.end(std::to_string(i), at);
    }
    CHECK(pace.hosts() <= 100);
    CHECK(pace.ready_at("busy", {.max_connections = 1}, k_start) == Pace::Moment::max());
    CHECK(pace.held_until("held", k_start + 999s) == k_start + 1h);
    CHECK(pace.ready_at("999", {.min_delay = 5s}, k_start + 999s) == k_start + 1004s);
}
