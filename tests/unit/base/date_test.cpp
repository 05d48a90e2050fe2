#include "core/base/date/date.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
std::string read(std::string_view text) {
    const auto time = parse_date(text);
    return time ? format_rfc3339(*time) : "none";
}
}

TEST_CASE("parse_date: RFC 822 and 2822 with all that is optional") {
    for (const auto* text :
         {"Thu, 19 Nov 2026 12:00:00 GMT", "Thu, 19 Nov 2026 12:00:00 +0000", "19 Nov 26 12:00 UT",
          "Thu,19 November 2026 14:00:00 +02:00", "Thursday, 19-Nov-26 12:00:00 GMT",
          "Mon, 19 Nov 2026 07:00:00 EST", "19 Nov 2026 12:00:00", "Thu, 19 Nov 2026 04:00:00 PST",
          "Thu, 19 Nov 2026 12:00:00Z", "Thu, 19 Nov 2026 14:00:00 GMT+02:00",
          "Thu, 19 Nov 2026 12:00:00 GMT (Greenwich Mean Time)"})
        CHECK_MESSAGE(read(text) == "2026-11-19T12:00:00Z", text);
}

TEST_CASE("parse_date: ISO 8601 and W3CDTF, from the year alone to fractions") {
    CHECK(read("2026") == "2026-01-01T00:00:00Z");
    CHECK(read("2026-11") == "2026-11-01T00:00:00Z");
    CHECK(read("2026-11-19") == "2026-11-19T00:00:00Z");
    CHECK(read("20261119T120000Z") == "2026-11-19T12:00:00Z");
    CHECK(read("20261119") == "2026-11-19T00:00:00Z");
    CHECK(read("2026-323") == "2026-11-19T00:00:00Z");
    CHECK(read("2026-11-19T12:00:00.123456-05:00") == "2026-11-19T17:00:00Z");
    CHECK(read("2026-11-19T12:00+0530") == "2026-11-19T06:30:00Z");
    CHECK(read("2026-11-19T24:00:00Z") == "2026-11-20T00:00:00Z");
    CHECK(*parse_date("2026-11-19T12:00:00.5Z") - *parse_date("2026-11-19T12:00:00Z") ==
          std::chrono::milliseconds(500));
}

TEST_CASE("parse_date: asctime, American clocks, Unix seconds and milliseconds") {
    CHECK(read("Thu Nov 19 12:00:00 2026") == "2026-11-19T12:00:00Z");
    CHECK(read("Nov. 19, 2026, 12:30 a.m.") == "2026-11-19T00:30:00Z");
    CHECK(read("November 19, 2026 at 3:04 PM EST") == "2026-11-19T20:04:00Z");
    CHECK(read("1795089600") == "2026-11-19T12:00:00Z");
    CHECK(read("1795089600000") == "2026-11-19T12:00:00Z");
}

TEST_CASE("parse_date: numbers with slashes are American, with dots and hyphens day first") {
    CHECK(read("11/19/2026 12:00") == "2026-11-19T12:00:00Z");
    CHECK(read("19/11/2026") == "2026-11-19T00:00:00Z");
    CHECK(read("02.01.2026") == "2026-01-02T00:00:00Z");
    CHECK(read("02-01-2026") == "2026-01-02T00:00:00Z");
    CHECK(read("2026/01/02 03:04") == "2026-01-02T03:04:00Z");
}

TEST_CASE("parse_date: month names of other languages, and weekdays that look like months") {
    CHECK(read("mar., 01 déc. 2026 16:11:02 +0000") == "2026-12-01T16:11:02Z");
    CHECK(read("Donnerstag, 19. März 2026") == "2026-03-19T00:00:00Z");
    CHECK(read("19 août 2026") == "2026-08-19T00:00:00Z");
    CHECK(read("19 ноября 2026 г.") == "2026-11-19T00:00:00Z");
    CHECK(read("19 de enero de 2026") == "2026-01-19T00:00:00Z");
}

TEST_CASE("parse_date: named, military and regional zones") {
    CHECK(read("19 Nov 2026 12:00:00 A") == "2026-11-19T13:00:00Z");
    CHECK(read("19 Nov 2026 12:00:00 JST") == "2026-11-19T03:00:00Z");
    CHECK(read("19 Jul 2026 12:00:00 America/Los_Angeles") == "2026-07-19T19:00:00Z");
    CHECK(read("19 Jan 2026 12:00:00 Europe/Berlin") == "2026-01-19T11:00:00Z");
}

TEST_CASE("parse_date: what is no date stays none") {
    for (const auto* text : {"", "the 19. of Smarch", "yesterday", "Sun, 16 Dec zz 11:47:32 GMT", "99:99",
                             "2026-13-01", "12:00", "19 Nov 2026 25:00", "19 Nov 2026 12:61", "2026-00-10",
                             "123456789012345678901234567890", "...---..."})
        CHECK_MESSAGE(read(text) == "none", text);
    CHECK(read(std::string(101, '1')) == "none");
}
