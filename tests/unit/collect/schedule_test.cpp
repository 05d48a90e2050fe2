#include "core/collect/schedule.hpp"

#include <doctest/doctest.h>

using namespace cti::collect;
using namespace std::chrono_literals;

namespace {
NextCheck exactly(ScheduleInput input) {
    input.jitter = 0;
    return schedule(input);
}
}

TEST_CASE("collect::schedule: without anything else check_frequency decides") {
    CHECK(exactly({.check_frequency = 30min}).in == 30min);
    CHECK(exactly({.check_frequency = 30min}).reason == "");
    CHECK(exactly({.check_frequency = 72h}).in == 72h); // longer than a day because its owner says so
}

TEST_CASE("collect::schedule: the feed and its server can only ask for more, and for a day at most") {
    CHECK(exactly({.feed_asks = 10min}).in == 1h);
    CHECK(exactly({.feed_asks = 2h}).in == 2h);
    CHECK(exactly({.feed_asks = 2h, .fresh_for = 3h}).in == 3h);
    CHECK(exactly({.feed_asks = 24h * 365}).in == 24h);
    CHECK(exactly({.feed_asks = 2h}).reason.find("the feed asks for") == 0);
    CHECK(exactly({.fresh_for = 2h}).reason.find("the server asks for") == 0);
}

TEST_CASE("collect::schedule: each failure in a row doubles the wait, up to a day") {
    CHECK(exactly({.failures = 1, .error = "HTTP 500"}).in == 1h);
    CHECK(exactly({.failures = 2, .error = "HTTP 500"}).in == 2h);
    CHECK(exactly({.failures = 3, .error = "HTTP 500"}).in == 4h);
    CHECK(exactly({.failures = 1000, .error = "HTTP 500"}).in == 24h);
    CHECK(exactly({.check_frequency = 72h, .failures = 9, .error = "x"}).in == 72h);
    CHECK(exactly({.failures = 3, .error = "HTTP 500"}).reason ==
          "3 failures in a row, the last one: HTTP 500");
}

TEST_CASE("collect::schedule: Retry-After counts where it is longer than the backoff") {
    CHECK(exactly({.retry_after = 5h, .failures = 1, .error = "HTTP 429"}).in == 5h);
    CHECK(exactly({.retry_after = 5h, .failures = 1, .error = "HTTP 429"})
              .reason.find("the server asks to wait") == 0);
    CHECK(exactly({.retry_after = 10s, .failures = 1, .error = "HTTP 429"}).in == 1h);
    CHECK(exactly({.retry_after = 24h * 30, .failures = 1, .error = "HTTP 429"}).in == 24h);
}

TEST_CASE(
    "collect::schedule: the jitter never shortens what was asked for, and never lengthens check_frequency") {
    for (const double jitter : {0.0, 0.3, 1.0, 7.0}) {
        const auto usual = schedule({.jitter = jitter}).in,
                   asked = schedule({.retry_after = 5h, .failures = 1, .error = "x", .jitter = jitter}).in;
        CHECK(usual <= 1h);
        CHECK(usual >= 57min);
        CHECK(asked >= 5h);
        CHECK(asked <= 5h + 15min);
    }
}
