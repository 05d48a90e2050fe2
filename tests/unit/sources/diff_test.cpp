#include "core/sources/diff.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::sources;

namespace {
Source row(std::string identifier) {
    Source source;
    source.id = 7;
    source.identifier = std::move(identifier);
    source.name = "Name";
    source.url = "https://example.org/";
    source.rss_url = "https://example.org/feed";
    return source;
}
SourceSpec spec(std::string identifier) {
    SourceSpec wanted;
    wanted.identifier = std::move(identifier);
    wanted.name = "Name";
    wanted.url = "https://example.org/";
    return wanted;
}
}

TEST_CASE("sources::compare: what the file does not say is no change") {
    const auto difference = compare({row("a")}, {spec("a")});
    CHECK(difference.unchanged == std::vector<std::string>{"a"});
    CHECK(difference.changed.empty());
    CHECK(difference.added.empty());
    CHECK(difference.missing.empty());
}

TEST_CASE("sources::compare: new, changed and missing sources are told apart") {
    auto changed = spec("b");
    changed.check_frequency_s = 7200;
    const auto difference = compare({row("b"), row("c")}, {spec("a"), changed});
    REQUIRE(difference.added.size() == 1);
    CHECK(difference.added[0].spec.identifier == "a");
    CHECK(difference.added[0].id == 0);
    REQUIRE(difference.changed.size() == 1);
    CHECK(difference.changed[0].id == 7);
    REQUIRE(difference.changed[0].fields.size() == 1);
    CHECK(difference.changed[0].fields[0].field == "check_frequency");
    CHECK(difference.changed[0].fields[0].before == "3600");
    CHECK(difference.changed[0].fields[0].after == "7200");
    REQUIRE(difference.missing.size() == 1);
    CHECK(difference.missing[0].identifier == "c");
}

TEST_CASE("sources::compare: an empty rss_url clears the address, none leaves it") {
    auto cleared = spec("a");
    cleared.rss_url = "";
    const auto difference = compare({row("a")}, {cleared});
    REQUIRE(difference.changed.size() == 1);
    CHECK(difference.changed[0].fields[0].field == "rss_url");
    CHECK(difference.changed[0].fields[0].after == "");

    auto without = row("a");
    without.rss_url.reset();
    CHECK(compare({without}, {cleared}).changed.empty());
}

TEST_CASE("sources::compare: the database decides about active unless the file is asked") {
    auto disabled = row("a");
    disabled.active = false;
    auto wanted = spec("a");
    wanted.active = true;
    const auto kept = compare({disabled}, {wanted});
    CHECK(kept.changed.empty());
    REQUIRE(kept.active_differs.size() == 1);
    CHECK(kept.active_differs[0].identifier == "a");

    const auto synced = compare({disabled}, {wanted}, ActiveFrom::file);
    CHECK(synced.active_differs.empty());
    REQUIRE(synced.changed.size() == 1);
    CHECK(synced.changed[0].fields[0].field == "active");
    CHECK(synced.changed[0].fields[0].before == "no");
    CHECK(synced.changed[0].fields[0].after == "yes");
}

TEST_CASE("sources::leave_to_database: a known row keeps its schedule unless the file decides") {
    auto wanted = spec("a"), fresh = spec("b");
    wanted.check_frequency_s = fresh.check_frequency_s = 7200;
    wanted.lookback_days = fresh.lookback_days = 30;
    const auto kept = leave_to_database({row("a")}, {wanted, fresh}, ScheduleFrom::database);
    CHECK_FALSE(kept[0].check_frequency_s);
    CHECK_FALSE(kept[0].lookback_days);
    CHECK(kept[1].check_frequency_s == 7200);
    CHECK(kept[1].lookback_days == 30);
    CHECK(leave_to_database({row("a")}, {wanted}, ScheduleFrom::file)[0].check_frequency_s == 7200);
}

TEST_CASE("sources::leave_to_database: the user agent that the web service wrote is no change") {
    auto stored = row("a");
    stored.config_json = R"({"robots":{"user_agent":"Service/2","crawl_delay":1}})";
    auto wanted = spec("a");
    wanted.config_json = R"({"robots":{"user_agent":"File/1","crawl_delay":1}})";
    const auto compared = [&](const std::string& config) {
        stored.config_json = config;
        return compare({stored}, leave_to_database({stored}, {wanted}, ScheduleFrom::database));
    };
    CHECK(compared(stored.config_json).changed.empty());
    CHECK(compared(R"({"robots":{"user_agent":"Service/2","crawl_delay":5}})").changed.size() == 1);
    for (const char* other : {R"({"robots":7})", R"({"robots":{}})", "{}", "no JSON"})
        CHECK(compared(other).changed.size() == 1);
}

TEST_CASE("sources::compare: config is compared key by key and merged with the row's") {
    auto stored = row("a");
    stored.config_json = R"({"rss_only":true,"collection_days":3})";
    auto wanted = spec("a");
    wanted.config_json = R"({"rss_only":false})";
    const auto difference = compare({stored}, {wanted});
    REQUIRE(difference.changed.size() == 1);
    REQUIRE(difference.changed[0].fields.size() == 1);
    CHECK(difference.changed[0].fields[0].field == "config.rss_only");
    CHECK(difference.changed[0].fields[0].before == "true");
    CHECK(difference.changed[0].fields[0].after == "false");
    CHECK(difference.changed[0].spec.config_json == R"({"rss_only":false,"collection_days":3})");
}

TEST_CASE("sources::compare: lookback_days is no change where the table has no such column") {
    auto wanted = spec("a");
    wanted.lookback_days = 30;
    CHECK(compare({row("a")}, {wanted}).changed.empty());
    auto stored = row("a");
    stored.lookback_days = 180;
    CHECK(compare({stored}, {wanted}).changed.size() == 1);
}

TEST_CASE("sources::compare: of several rows of one identifier the active one counts") {
    auto first = row("a"), second = row("a");
    first.active = false;
    second.id = 8;
    second.name = "Other";
    const auto difference = compare({first, second}, {spec("a")});
    CHECK(difference.doubled == std::vector<std::string>{"a"});
    REQUIRE(difference.changed.size() == 1);
    CHECK(difference.changed[0].id == 8);
    CHECK(difference.missing.empty());
}
