#include "core/base/time.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h + 30min;
std::string argument(std::string_view text) {
    const auto time = parse_time_argument(text, k_now);
    return time ? format_rfc3339(*time) : "none";
}
}

TEST_CASE("parse_time_argument: durations, dates and RFC 3339, UTC unless a zone stands there") {
    CHECK(argument("7d") == "2026-11-13T10:30:00Z");
    CHECK(argument("12h") == "2026-11-19T22:30:00Z");
    CHECK(argument("2w") == "2026-11-06T10:30:00Z");
    CHECK(argument("90m") == "2026-11-20T09:00:00Z");
    CHECK(argument("2026-11-01") == "2026-11-01T00:00:00Z");
    CHECK(argument("2026-11-01T08:00") == "2026-11-01T08:00:00Z");
    CHECK(argument("2026-11-01T08:00:05.25+01:00") == "2026-11-01T07:00:05Z");
    CHECK(argument("yesterday") == "2026-11-19T00:00:00Z");
    CHECK(argument("now") == "2026-11-20T10:30:00Z");
}

TEST_CASE("parse_time_argument: what is no time is refused") {
    for (const auto* text : {"", "x", "7", "7x", "2026-13-01", "2026-02-30", "2026-11-01T25:00",
                             "2026-11-01 junk", "-3d", "99999999999999d"}) {
        CAPTURE(text);
        CHECK(argument(text) == "none");
    }
}

TEST_CASE("parse_duration: the units, and no overflow") {
    CHECK(parse_duration("90") == 90s);
    CHECK(parse_duration("5min") == 300s);
    CHECK(parse_duration("2w") == 1209600s);
    CHECK_FALSE(parse_duration("1y"));
    CHECK_FALSE(parse_duration("9999999999w"));
}

TEST_CASE("format_*: what people and servers read") {
    CHECK(format_http_date(k_now) == "Fri, 20 Nov 2026 10:30:00 GMT");
    CHECK(format_relative(k_now - 3h, k_now) == "3 h ago");
    CHECK(format_relative(k_now + 5min, k_now) == "in 5 min");
    CHECK(format_duration(850ms) == "850 ms");
    CHECK(format_duration(185s) == "3 min 5 s");
}
