#include "core/net/caching.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::net;
using namespace std::chrono_literals;

namespace {
const Time k_answered = *parse_http_date("Thu, 19 Nov 2026 12:00:00 GMT");
struct Case {
    std::string_view text;
    std::optional<std::chrono::seconds> expected;
};
}

TEST_CASE("parse_retry_after: seconds and dates, bounded, and nothing for what is neither") {
    const Case cases[] = {
        {"120", 120s},
        {" 30 ", 30s},
        {"0", 0s},
        {"604800", 168h},
        {"604801", 168h},
        {"99999999999999999999999", 168h},
        {"Thu, 19 Nov 2026 12:02:00 GMT", 120s},
        {"Thursday, 19-Nov-26 12:02:00 GMT", 120s},
        {"Thu Nov 19 12:02:00 2026", 120s},
        {"Thu, 19 Nov 2026 11:00:00 GMT", 0s},
        {"Fri, 19 Nov 2027 12:00:00 GMT", 168h},
        {"", std::nullopt},
        {"-1", std::nullopt},
        {"1.5", std::nullopt},
        {"soon", std::nullopt},
        {"30s", std::nullopt},
    };
    for (const auto& c : cases) {
        CAPTURE(c.text);
        CHECK(parse_retry_after(c.text, k_answered) == c.expected);
    }
}

TEST_CASE("fresh_for: Cache-Control before Expires, less Age, at most a day") {
    struct Row {
        Freshness headers;
        std::optional<std::chrono::seconds> expected;
    };
    constexpr std::string_view later = "Thu, 19 Nov 2026 13:00:00 GMT",
                               before = "Thu, 19 Nov 2026 11:00:00 GMT";
    const Row rows[] = {
        {{"max-age=300", "", ""}, 300s},
        {{"public, MAX-AGE = \"300\"", "", ""}, 300s},
        {{"s-maxage=900, max-age=300", later, ""}, 300s},
        {{"s-maxage=900", "", ""}, 900s},
        {{"max-age=999999", "", ""}, 24h},
        {{"max-age=300", "", "100"}, 200s},
        {{"max-age=300", "", "300"}, std::nullopt},
        {{"max-age=0", later, ""}, std::nullopt},
        {{"max-age=-5", later, ""}, std::nullopt},
        {{"max-age=", "", ""}, std::nullopt},
        {{"no-cache, max-age=300", later, ""}, std::nullopt},
        {{"no-store", later, ""}, std::nullopt},
        {{"", later, ""}, 3600s},
        {{"private", later, "60"}, 3540s},
        {{"", before, ""}, std::nullopt},
        {{"", "0", ""}, std::nullopt},
        {{"", "-1", ""}, std::nullopt},
        {{"", "", ""}, std::nullopt},
    };
    for (const auto& row : rows) {
        CAPTURE(row.headers.cache_control);
        CAPTURE(row.headers.expires);
        CHECK(fresh_for(row.headers, k_answered) == row.expected);
    }
}
