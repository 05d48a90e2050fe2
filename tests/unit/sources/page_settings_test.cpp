#include "core/sources/page_settings.hpp"

#include <doctest/doctest.h>

using cti::sources::read_page_settings;

TEST_CASE("sources::read_page_settings: nothing said is the web service's default") {
    for (const char* config : {"{}", "", "[]", "null", "not json"}) {
        CAPTURE(config);
        const auto settings = read_page_settings(config);
        CHECK(!settings.feed_only);
        CHECK(settings.min_characters == 2000);
        CHECK(settings.max_new_pages == 100);
        CHECK(!settings.has_discovery());
    }
}

TEST_CASE("sources::read_page_settings: the web service's keys are read, its words for a flag too") {
    const auto settings = read_page_settings(
        R"({"rss_only": "true", "min_content_length": 900, "fetch": {"max_pages": 3}, "allow": ["a.example"],
        "post_url_regex": "^https://a", "extract": {"title_selectors": ["h1", " h2 ", "", 7], "body_selectors": ["main"]}, "content_selector": "#post",
        "wp_json": {"endpoints": ["/wp"], "url_field_priority": ["guid"]},
        "discovery": {"strategies": ["listing", {"listing": {"urls": ["/blog"], "post_link_selector": "h2 a", "max_pages": 2}}, {"sitemap": {"urls": ["/s.xml"], "url_patterns": ["/x"]}}]}})");
    CHECK(settings.feed_only);
    CHECK(settings.min_characters == 900);
    CHECK(settings.max_new_pages == 3);
    CHECK(settings.title_selectors == std::vector<std::string>{"h1", "h2"});
    CHECK(settings.body_selectors == std::vector<std::string>{"#post", "main"});
    CHECK(settings.post_url_regex == std::vector<std::string>{"^https://a"});
    REQUIRE(settings.listings.size() == 1);
    CHECK(settings.listings[0].post_link_selector == "h2 a");
    CHECK(settings.listings[0].max_pages == 2);
    REQUIRE(settings.sitemaps.size() == 1);
    CHECK(settings.wp_url_fields == std::vector<std::string>{"guid"});
}

TEST_CASE("sources::read_page_settings: wrong types and hostile sizes count as not said") {
    const auto settings = read_page_settings(
        R"({"rss_only": 1, "min_content_length": "2000", "fetch": {"max_pages": -4}, "discovery": {"strategies": [{"listing": {"urls": [], "max_pages": 9}}, {"listing": {"urls": ["/x"], "max_pages": 1e300}}]}})");
    CHECK(!settings.feed_only);
    CHECK(settings.min_characters == 2000);
    CHECK(settings.max_new_pages == 100);
    REQUIRE(settings.listings.size() == 1);
    CHECK(settings.listings[0].max_pages == 50);
    CHECK(read_page_settings("{\"allow\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}")
              .allow.empty());
    std::string many = R"({"allow": [)";
    for (int i = 0; i < 1000; ++i) many += R"("a",)";
    CHECK(read_page_settings(many + R"("b"]})").allow.size() == 100);
}
