#include "core/base/cron.hpp"
#include "core/base/error.hpp"

#include <doctest/doctest.h>
#include <vector>

using namespace cti;
using cti::Cron;

namespace {
Time at(const char* rfc3339) { return *parse_time_argument(rfc3339, Time{}); }

std::vector<std::string> next(const Cron& cron, const char* after, int count) {
    std::vector<std::string> moments;
    for (auto time = at(after); count > 0; --count) moments.push_back(format_rfc3339(time = cron.next(time)));
    return moments;
}
using Moments = std::vector<std::string>;
}

TEST_CASE("cron: every third hour, from the next one on") {
    const Cron cron("0 */3 * * *", "UTC");
    CHECK(next(cron, "2026-11-19T12:00:00Z", 3) ==
          Moments{"2026-11-19T15:00:00Z", "2026-11-19T18:00:00Z", "2026-11-19T21:00:00Z"});
    CHECK(next(cron, "2026-11-19T11:59:59Z", 1) == Moments{"2026-11-19T12:00:00Z"});
}

TEST_CASE("cron: lists, ranges, steps and names") {
    CHECK(next(Cron("5,35 9-17/4 * * mon-fri", "UTC"), "2026-11-20T17:35:00Z", 3) ==
          Moments{"2026-11-23T09:05:00Z", "2026-11-23T09:35:00Z", "2026-11-23T13:05:00Z"});
    CHECK(next(Cron("0 0 1 JAN,jul *", "UTC"), "2026-11-19T00:00:00Z", 2) ==
          Moments{"2027-01-01T00:00:00Z", "2027-07-01T00:00:00Z"});
    CHECK(next(Cron("10/20 0 * * *", "UTC"), "2026-11-19T00:00:00Z", 3) ==
          Moments{"2026-11-19T00:10:00Z", "2026-11-19T00:30:00Z", "2026-11-19T00:50:00Z"});
    CHECK(next(Cron("0 0 * * 7", "UTC"), "2026-11-19T00:00:00Z", 1) ==
          next(Cron("0 0 * * 0", "UTC"), "2026-11-19T00:00:00Z", 1));
    CHECK(next(Cron(" @weekly ", "UTC"), "2026-11-19T00:00:00Z", 1) == Moments{"2026-11-22T00:00:00Z"});
}

TEST_CASE("cron: where both days are restricted, either is enough") {
    CHECK(next(Cron("0 0 13 * 5", "UTC"), "2026-11-10T00:00:00Z", 3) ==
          Moments{"2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z"});
    CHECK(next(Cron("0 0 */2 * 5", "UTC"), "2026-11-10T00:00:00Z", 1) == Moments{"2026-11-13T00:00:00Z"});
}

TEST_CASE("cron: 29 February is waited for, 30 February is refused") {
    CHECK(next(Cron("0 0 29 2 *", "UTC"), "2096-03-01T00:00:00Z", 1) == Moments{"2104-02-29T00:00:00Z"});
    CHECK_THROWS_WITH_AS(Cron("0 0 30 2 *", "UTC").next(at("2026-11-19T00:00:00Z")),
                         "the schedule '0 0 30 2 *' never comes", Error);
}

TEST_CASE("cron: a moment that the clock skips comes at the end of the gap, once") {
    // Berlin, 29 March 2026: 02:00 becomes 03:00 (01:00 UTC).
    CHECK(next(Cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00:00Z", 2) ==
          Moments{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"});
    CHECK(next(Cron("*/20 2 * * *", "Europe/Berlin"), "2026-03-29T00:30:00Z", 2) ==
          Moments{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"});
}

TEST_CASE("cron: a moment that the clock shows twice comes the first time only, unless every hour counts") {
    // Berlin, 25 October 2026: 03:00 becomes 02:00 again (01:00 UTC).
    CHECK(next(Cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2) ==
          Moments{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"});
    CHECK(next(Cron("30 * * * *", "Europe/Berlin"), "2026-10-24T23:31:00Z", 3) ==
          Moments{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"});
    CHECK(next(Cron("0 */3 * * *", "Europe/Berlin"), "2026-10-24T22:00:00Z", 2) ==
          Moments{"2026-10-25T02:00:00Z", "2026-10-25T05:00:00Z"});
}

TEST_CASE("cron: a change of the clock at midnight keeps the days") {
    // Cairo, 24 April 2026: 00:00 becomes 01:00.
    CHECK(next(Cron("0 0 * * *", "Africa/Cairo"), "2026-04-23T12:00:00Z", 2) ==
          Moments{"2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"});
}

TEST_CASE("cron: what is no schedule is refused with the field") {
    CHECK_THROWS_WITH_AS(Cron("0 */3 * *", "UTC"), "the schedule '0 */3 * *' has 4 fields, not 5", Error);
    CHECK_THROWS_WITH_AS(Cron("60 * * * *", "UTC"), "the minute '60' of a schedule is not understood", Error);
    CHECK_THROWS_WITH_AS(Cron("0 5-3 * * *", "UTC"), "the hour '5-3' of a schedule is not understood", Error);
    CHECK_THROWS_WITH_AS(Cron("0 0 * * fun", "UTC"),
                         "the day of the week 'fun' of a schedule is not understood", Error);
    CHECK_THROWS_WITH_AS(Cron("0 */0 * * *", "UTC"), "the hour '*/0' of a schedule is not understood", Error);
    CHECK_THROWS_WITH_AS(Cron("0 -1 * * *", "UTC"), "the hour '-1' of a schedule is not understood", Error);
    CHECK_THROWS_WITH_AS(Cron("0 0 * * *", "Mars/Olympus"), "the time zone 'Mars/Olympus' is not known",
                         Error);
    CHECK_THROWS_AS(Cron("0 0 * * 99999999999999999999", "UTC"), Error);
    CHECK_THROWS_AS(Cron("", "UTC"), Error);
}
