#include "core/source/kind.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h;
constexpr std::string_view k_feed =
    R"(<rss version="2.0"><channel><title>T</title><link>https://blog.example/</link>
<item><title>One</title><link>https://blog.example/1</link><description>text</description></item></channel></rss>)";

Source with_feed(const std::string& address = "https://blog.example/feed.xml") {
    Source source;
    source.url = "https://blog.example/", source.rss_url = address;
    return source;
}

struct Reading {
    explicit Reading(Source s, std::string c = {}) : source(std::move(s)), cursor(std::move(c)) {
        settings = sources::read_page_settings(source.config_json);
        kind = source::find_kind(source);
        reader = kind->make_reader({source, settings, cursor, k_now});
        asks = reader->begin();
    }
    source::Found answer(net::Response response) {
        CHECK(reader->accept_answer(asks.at(0), response).empty());
        return reader->finish();
    }
    Source source;
    std::string cursor;
    sources::PageSettings settings;
    const source::Kind* kind = nullptr;
    std::unique_ptr<source::Reader> reader;
    std::vector<source::Ask> asks;
};

net::Response ok(std::string_view body) {
    net::Response response;
    response.status = 200, response.url = "https://blog.example/feed.xml",
    response.content_type = "application/rss+xml";
    response.body = body, response.etag = "\"e1\"", response.last_modified = "Thu, 19 Nov 2026 12:00:00 GMT";
    return response;
}
}

TEST_CASE(
    "source::find_kind: a row with a feed's address is a feed, any other a web site, and config.kind decides") {
    CHECK(source::find_kind(with_feed())->name == "feed");
    CHECK(source::find_kind(with_feed(""))->name == "web");
    auto source = with_feed();
    source.config_json = R"({"kind": "web"})";
    CHECK(source::find_kind(source)->name == "web");
    source.config_json = R"({"kind": "telepathy"})";
    CHECK(source::find_kind(source) == nullptr);
    source.config_json = "no JSON with \"kind\"";
    CHECK(source::find_kind(source)->name == "feed");
}

TEST_CASE("source: a feed that names no address has no reader") {
    auto source = with_feed("");
    source.config_json = R"({"kind": "feed"})";
    const auto settings = sources::read_page_settings(source.config_json);
    CHECK(source::find_kind(source)->make_reader({source, settings, "", k_now}) == nullptr);
}

TEST_CASE("source: a feed's cursor makes the next request conditional, and the same body is not read again") {
    Reading first(with_feed());
    CHECK(first.asks.at(0).request.headers.empty());
    CHECK_FALSE(first.asks[0].obey_robots);
    const auto found = first.answer(ok(k_feed));
    CHECK(found.fault.empty());
    CHECK(found.feed.entries.size() == 1);
    REQUIRE(found.cursor);

    Reading second(with_feed(), *found.cursor);
    CHECK(second.asks.at(0).request.headers ==
          std::vector<std::string>{"If-None-Match: \"e1\"",
                                   "If-Modified-Since: Thu, 19 Nov 2026 12:00:00 GMT"});
    const auto again = second.answer(ok(k_feed));
    CHECK(again.is_unchanged);
    CHECK(again.cursor == found.cursor);

    Reading third(with_feed(), *found.cursor);
    net::Response not_modified;
    not_modified.status = 304;
    const auto same = third.answer(not_modified);
    CHECK(same.is_unchanged);
    CHECK_FALSE(same.cursor);
}

TEST_CASE("source: a cursor of another address, or of no kind at all, is no cursor of a feed") {
    Reading first(with_feed());
    const auto cursor = *first.answer(ok(k_feed)).cursor;
    CHECK(Reading(with_feed("https://blog.example/atom"), cursor).asks.at(0).request.headers.empty());
    for (const std::string text : {"{", "[]", "7", R"({"url": 5, "etag": {}})"})
        CHECK(Reading(with_feed(), text).asks.at(0).request.headers.empty());
    auto response = ok(k_feed);
    response.etag = std::string(1001, 'x');
    CHECK(Reading(with_feed(), *Reading(with_feed()).answer(response).cursor)
              .asks.at(0)
              .request.headers.size() == 1);
}

TEST_CASE("source: a feed that cannot be read says why, and remembers nothing") {
    auto gone = ok("");
    gone.status = 410;
    const auto found = Reading(with_feed()).answer(gone);
    CHECK(found.is_gone);
    CHECK(found.fault == "HTTP 410 (gone)");
    CHECK_FALSE(found.cursor);
    CHECK(Reading(with_feed()).answer(ok("")).fault == "the answer is empty");
    CHECK(Reading(with_feed()).answer(ok("hello")).fault == "the answer is not a feed in any known format");
}

TEST_CASE("source: a feed without entries, and one that has not changed since nothing, are warned of") {
    const auto empty =
        Reading(with_feed()).answer(ok("<rss version=\"2.0\"><channel><title>T</title></channel></rss>"));
    CHECK(empty.fault == "");
    CHECK(empty.feed.warnings == std::vector<std::string>{"the feed holds no entries"});
    auto unchanged = ok("");
    unchanged.status = 304;
    CHECK(Reading(with_feed()).answer(unchanged).feed.warnings.size() == 1);
    const auto full = Reading(with_feed()).answer(ok(k_feed));
    CHECK(full.feed.warnings.empty());
    CHECK(Reading(with_feed(), full.cursor.value_or("")).answer(unchanged).feed.warnings.empty());
}

TEST_CASE("source: a web site's lists are asked for as robots.txt allows") {
    Reading web(with_feed(""));
    REQUIRE(web.asks.size() == 1);
    CHECK(web.asks[0].request.url == "https://blog.example/");
    CHECK(web.asks[0].obey_robots);
    net::Response page;
    page.status = 200, page.url = "https://blog.example/", page.content_type = "text/html";
    page.body =
        R"(<main><article><h2><a href="/posts/a-long-story">A long story of a loader</a></h2></article></main>)";
    const auto found = web.answer(page);
    CHECK_FALSE(found.cursor);
}
