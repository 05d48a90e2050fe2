#include "core/sources/source_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::sources;

namespace {
Time at(long seconds) { return Time{std::chrono::seconds(seconds)}; }
}

TEST_CASE("sources::health_of: the words follow failures in a row") {
    Source source;
    CHECK(health_of(source) == "never");
    source.last_check = at(0);
    CHECK(health_of(source) == "ok");
    source.consecutive_failures = 2;
    CHECK(health_of(source) == "warning");
    source.consecutive_failures = 3;
    CHECK(health_of(source) == "failing");
    source.active = false;
    CHECK(health_of(source) == "disabled");
}

TEST_CASE("sources::next_check: a disabled source and one never checked have none") {
    Source source;
    source.check_frequency_s = 600;
    CHECK_FALSE(next_check(source));
    source.last_check = at(1000);
    CHECK(next_check(source) == at(1600));
    source.active = false;
    CHECK_FALSE(next_check(source));
}

TEST_CASE("sources::sources_json: every key is there, null rather than missing") {
    Source source;
    source.id = 3;
    source.identifier = "a";
    source.name = "N \x1b[31m \xff";
    const auto json = nlohmann::json::parse(sources_json({source}));
    REQUIRE(json.size() == 1);
    CHECK(json[0].size() == 14);
    CHECK(json[0]["rss_url"].is_null());
    CHECK(json[0]["last_check"].is_null());
    CHECK(json[0]["active"] == true);
    CHECK(json[0]["check_frequency"] == 3600);
    CHECK(json[0]["health"] == "never");
    source.last_check = at(1795176000);
    source.rss_url = "https://example.org/";
    const auto checked = nlohmann::json::parse(sources_json({source}));
    CHECK(checked[0]["last_check"] == "2026-11-20T12:00:00Z");
    CHECK(checked[0]["next_check"] == "2026-11-20T13:00:00Z");
    CHECK(checked[0]["rss_url"] == "https://example.org/");
    CHECK(sources_json({}) == "[]\n");
}
