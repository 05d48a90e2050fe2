#include "core/source/fallback.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;
using namespace cti::source;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h;
const std::string k_empty = "<rss version='2.0'><channel><title>T</title></channel></rss>";
const std::string k_full = "<rss version='2.0'><channel><item><title>One</title>"
                           "<link>https://a.example/one</link></item></channel></rss>";
const std::string k_front =
    "<ul><li><a href='/blog/third-new-loader'>A post about the third</a></li><li><a "
    "href='/blog/second-new-loader'>A post about the second</a></li><li><a href='/blog/first-new-loader'>A "
    "post about the first</a></li></ul>";

net::Response answer(int status, const std::string& body = {}, const std::string& type = "text/html") {
    net::Response response;
    response.status = status, response.body = body, response.content_type = type;
    return response;
}

// A source with a feed, from check to check.
struct Checks {
    explicit Checks(const std::string& config = "{}") {
        source.url = "https://a.example/", source.rss_url = "https://a.example/feed";
        source.config_json = config;
        settings = sources::read_page_settings(config);
    }
    // feed: the answer to its address; any other address gets the front page.
    Found check(const net::Response& feed) {
        const auto reader = find_kind(source)->make_reader({source, settings, cursor, k_now, may_read_pages});
        asked.clear();
        auto asks = reader->begin();
        while (!asks.empty()) {
            const auto ask = asks.back();
            asks.pop_back();
            asked.push_back(ask.request.url);
            auto response = ask.request.url == *source.rss_url ? feed : page;
            response.url = ask.request.url;
            for (auto& more : reader->accept_answer(ask, response)) asks.push_back(std::move(more));
        }
        auto found = reader->finish();
        if (const auto& next = found.fault.empty() ? found.cursor : found.unfinished_cursor) cursor = *next;
        return found;
    }
    std::string shown() const {
        for (const auto& [name, value] : find_kind(source)->describe_cursor(cursor))
            if (name == "fallback") return value;
        return "none";
    }
    Source source;
    sources::PageSettings settings;
    std::string cursor;
    bool may_read_pages = true;
    net::Response page = answer(200, k_front);
    std::vector<std::string> asked;
};
using Urls = std::vector<std::string>;
}

TEST_CASE("source: where a feed has nothing to say three times in a row the pages are read") {
    for (const auto& [response, why] :
         {std::pair{answer(200, k_empty, "text/xml"), "the feed holds no entries"},
          {answer(304), "the server says \"not modified\" without having been asked whether"},
          {answer(404), "HTTP 404 (not found)"},
          {answer(410), "HTTP 410 (gone)"},
          {answer(200, "<html><p>We have moved.</p></html>"), "this is a web page, not a feed"},
          {answer(200), "the answer is empty"}}) {
        CAPTURE(why);
        Checks checks;
        for (int round = 1; round < k_rounds_until_fallback; ++round) {
            CHECK(checks.check(response).read_as == nullptr);
            CHECK(checks.asked.size() == 1);
            CHECK(checks.shown() == "");
        }
        for (int round = k_rounds_until_fallback; round < 6; ++round) {
            const auto found = checks.check(response);
            CHECK(found.fault == "");
            CHECK_FALSE(found.is_gone);
            CHECK_FALSE(found.is_unchanged);
            REQUIRE(found.read_as == &k_web_kind);
            CHECK(found.feed.entries.size() == 3);
            CHECK(checks.asked == Urls{"https://a.example/feed", "https://a.example/"});
            const auto told = "its pages are read instead of the feed: " + std::string(why) + ", " +
                              std::to_string(round) + " times in a row";
            CHECK(checks.shown() == told);
            CHECK(std::ranges::count(found.feed.warnings, told) == 1);
        }
    }
}

TEST_CASE("source: a feed that speaks again is read again, from where it was") {
    Checks checks;
    auto full = answer(200, k_full, "text/xml");
    full.etag = "\"e1\"";
    checks.check(full);
    const auto healthy = checks.cursor;
    for (int round = 0; round < 4; ++round) checks.check(answer(404));
    CHECK(checks.shown() != "");
    const auto found = checks.check(answer(304)); // To the validators of before.
    CHECK(found.is_unchanged);
    CHECK(found.read_as == nullptr);
    CHECK(checks.cursor == healthy);
    for (int round = 0; round < 4; ++round) checks.check(answer(200, k_empty, "text/xml"));
    CHECK(checks.check(full).feed.entries.size() == 1);
    CHECK(checks.shown() == "");
    CHECK(checks.asked.size() == 1);
}

TEST_CASE("source: an empty feed that has not changed since is as empty as before") {
    Checks checks;
    auto empty = answer(200, k_empty, "text/xml");
    empty.etag = "\"e1\"";
    checks.check(empty);
    CHECK(checks.check(answer(304)).is_unchanged);
    CHECK(checks.check(answer(304)).read_as == &k_web_kind);
}

TEST_CASE("source: what passes by itself neither leads to the pages nor back from them") {
    Checks checks;
    net::Response timeout;
    timeout.failure = net::Failure::timeout, timeout.error = "timed out";
    for (const auto& passing : {answer(503), answer(500), answer(403), answer(401), answer(429), timeout})
        for (int round = 0; round < 3; ++round) CHECK(checks.check(passing).read_as == nullptr);
    for (int round = 0; round < 3; ++round) checks.check(answer(404));
    CHECK(checks.check(timeout).read_as == &k_web_kind);
    CHECK(checks.check(answer(503)).read_as == &k_web_kind);
}

TEST_CASE("source: where the pages say nothing either the feed's own fault counts") {
    Checks checks;
    checks.page = answer(404);
    for (int round = 0; round < 2; ++round) checks.check(answer(410));
    const auto found = checks.check(answer(410));
    CHECK(found.fault == "HTTP 410 (gone)");
    CHECK(found.is_gone);
    CHECK(found.read_as == nullptr);
    CHECK(checks.asked == Urls{"https://a.example/feed", "https://a.example/", "https://a.example/robots.txt",
                               "https://a.example/sitemap.xml"});
    CHECK(std::ranges::any_of(found.feed.warnings, [](const auto& warning) {
        return warning.ends_with("; there: https://a.example/: HTTP 404 (not found)");
    }));
}

TEST_CASE(
    "source: the lists that the config names go before guesses, and rss_only and --no-pages keep to the feed") {
    Checks checks(
        R"({"discovery": {"strategies": [{"listing": {"urls": ["/list"], "post_link_selector": "li a"}}]}})");
    for (int round = 0; round < 3; ++round) checks.check(answer(404));
    CHECK(checks.asked == Urls{"https://a.example/feed", "https://a.example/list"});
    Checks alone(R"({"rss_only": true})");
    for (int round = 0; round < 5; ++round) CHECK(alone.check(answer(404)).fault != "");
    CHECK(alone.asked.size() == 1);
    Checks without_pages;
    without_pages.may_read_pages = false;
    for (int round = 0; round < 5; ++round) CHECK(without_pages.check(answer(410)).is_gone);
    CHECK(without_pages.asked.size() == 1);
}

TEST_CASE("source::read_fallback_state: any text that is no such state is a cursor") {
    for (const auto* text : {"", "x", "[1]", R"({"url":"u"})", R"({"silent_rounds)"}) {
        const auto state = read_fallback_state(text);
        CHECK(state.rounds == 0);
        CHECK(state.cursor == text);
    }
    CHECK(read_fallback_state(R"({"silent_rounds":"x"})").rounds == 0);
    CHECK(read_fallback_state(R"({"silent_rounds":-5,"cursor":7})").cursor == "");
}
