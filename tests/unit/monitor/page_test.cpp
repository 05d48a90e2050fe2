#include "core/monitor/page.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::monitor;
using test::noon;
using test::Sample;

namespace {
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}

TEST_CASE("page: the state stands there in words, the sources with what is wrong of them first") {
    Sample sample;
    auto failing = test::make_source(2, "zeta");
    failing.consecutive_failures = 4;
    sample.fast.sources.push_back({failing, {}, "", "", "HTTP 500 (internal server error)", 0});
    const auto html = render_page(sample.state());
    CHECK(contains(html, "<strong>degraded</strong>: 1 of 2 active sources fail"));
    CHECK(html.find("<code>zeta</code>") < html.find("<code>alpha</code>"));
    CHECK(contains(html, "HTTP 500 (internal server error)"));
    CHECK(contains(html, "42, 3 in 24 h"));
    CHECK(contains(html, "<rect "));
    CHECK_FALSE(contains(html, "<script"));
}

TEST_CASE("page: text from outside is text there, whatever it is") {
    Sample sample;
    sample.fast.sources[0].source.name = "<script>alert(1)</script>\x1b[31m";
    sample.fast.sources[0].last_error = "\"><img src=x onerror=alert(1)>";
    sample.slow.contents.newest = {
        {1, "alpha", "</li><script>alert(2)</script>\xE2\x80\xAE", "javascript:alert(3)", noon()},
        {2, "alpha", "link", "https://example.org/?a=\"><script>", noon()}};
    sample.fast.runs[0].owner = "<b>host</b>";
    sample.snapshot.database_error = "<i>no</i>";
    const auto html = render_page(sample.state());
    for (const char* part : {"<script", "<img", "<i>", "<b>", "javascript:", "\x1b", "\xE2\x80\xAE", "\"><"})
        CHECK_MESSAGE(!contains(html, std::string("<a href=\"") + part), part);
    for (const char* part :
         {"<script", "<img", "<i>no", "<b>host", "href=\"javascript", "\x1b", "\xE2\x80\xAE"})
        CHECK_MESSAGE(!contains(html, part), part);
    CHECK(contains(html, "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m"));
    CHECK(contains(html, "href=\"https://example.org/?a=&quot;&gt;&lt;script&gt;\""));
}

TEST_CASE("page: as JSON it says the same") {
    const auto json = nlohmann::json::parse(overview_json(Sample().state()));
    CHECK(json["status"] == "healthy");
    CHECK(json["sources"][0]["identifier"] == "alpha");
    CHECK(json["sources"][0]["articles_24h"] == 3);
    CHECK(json["sources"][0]["last_error"].is_null());
    CHECK(json["runs"][0]["new"] == 3);
    CHECK(json["articles"][0]["title"] == "A loader");
    CHECK(json["articles_by_day"][1] == nlohmann::json{{"day", "2026-11-19"}, {"articles", 3}});
}

TEST_CASE("page: before anything is known it is a page all the same") {
    State state = Sample().state();
    state.snapshot = std::make_shared<Snapshot>();
    CHECK(contains(render_page(state), "Not read yet."));
    CHECK(nlohmann::json::parse(overview_json(state))["sources"].empty());
}
