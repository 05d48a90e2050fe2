#include "core/base/version.hpp"
#include "core/monitor/page.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;
using test::noon;
using test::Sample;

namespace {
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
long count_parts(const std::string& text, std::string_view part) {
    long count = 0;
    for (auto pos = text.find(part); pos != std::string::npos; pos = text.find(part, pos + 1)) ++count;
    return count;
}
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
    CHECK(contains(html, "42, 3 new in the last 24 h"));
    CHECK(contains(html, "<rect "));
    CHECK_FALSE(contains(html, "<script"));
}

TEST_CASE("page: text from outside is text there, whatever it is") {
    Sample sample;
    sample.fast.sources[0].source.name = "<script>alert(1)</script>\x1b[31m";
    sample.fast.sources[0].source.consecutive_failures = 3;
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

TEST_CASE("page: an article has its source's site, its age and its score beside it") {
    Sample sample;
    sample.slow.contents.newest = {{7, "alpha", "A loader", "https://example.org/a", noon() - 3h, 71.25},
                                   {6, "gone", "No date", "ftp://example.org/b", std::nullopt}};
    const auto html = render_page(sample.state());
    CHECK(contains(
        html, "<li><a href=\"https://example.org/a\" rel=\"noopener noreferrer\">A loader</a> <small><time"));
    CHECK(contains(
        html, ">3 h ago</time>, <a href=\"https://example.org/alpha\" rel=\"noopener noreferrer\">alpha</a>, "
              "score 71.2</small>"));
    CHECK(contains(html, "<li>No date <small>gone</small></li>"));
}

TEST_CASE("page: a link shows no login, and an address that is too long to be shown is none") {
    Sample sample;
    sample.slow.contents.newest = {
        {1, "alpha", "one", "https://user:pass@example.org/", noon()},
        {2, "alpha", "two", "https://example.org/" + std::string(2000, 'a'), noon()}};
    const auto html = render_page(sample.state());
    CHECK(contains(html, "<a href=\"https://example.org/\" rel=\"noopener noreferrer\">one</a>"));
    CHECK(contains(html, "<li>two <small>"));
}

namespace {
// `count` sources of each health: failing, warning, never, ok, disabled.
Sample many_sources(int count) {
    Sample sample;
    sample.fast.sources.clear();
    for (int i = 0; i < 5 * count; ++i) {
        auto source = test::make_source(i + 1, fmt::format("s{}_{:03}", i % 5, i));
        if (i % 5 == 0) source.consecutive_failures = 5;
        if (i % 5 == 1) source.consecutive_failures = 1;
        if (i % 5 == 2) source.last_check.reset(), source.last_success.reset();
        if (i % 5 == 4) source.active = false;
        sample.fast.sources.push_back({source, noon(), "", "", "", 0});
    }
    return sample;
}

long rows_of(const std::string& html, std::string_view health) {
    return count_parts(html, fmt::format("<td data-name=\"Health\" class=\"state {0}\">{0}</td>", health));
}
}

TEST_CASE("page: of many sources the first six that fail are shown, and links to the others by state") {
    auto state = many_sources(17).state();
    const auto html = render_page(state);
    CHECK(rows_of(html, "failing") == 6);
    CHECK(rows_of(html, "warning") + rows_of(html, "never") + rows_of(html, "ok") +
              rows_of(html, "disabled") ==
          0);
    CHECK(contains(html, "<p>28 more are <a href=\"/?state=failing#sources\">failing</a>"));
    for (const char* link : {"/?state=failing#sources\">failing 17<", "/?state=never#sources\">never 17<",
                             "/?state=healthy#sources\">healthy 17<", "/?state=all#sources\">all 85<"})
        CHECK_MESSAGE(contains(html, link), link);
}

TEST_CASE("page: a state that is asked for shows all of its sources and nothing else") {
    auto state = many_sources(17).state();
    state.source_filter = "healthy";
    const auto healthy = render_page(state);
    CHECK(rows_of(healthy, "ok") == 17);
    CHECK(rows_of(healthy, "failing") == 0);
    CHECK(contains(healthy, "/?state=healthy#sources\" aria-current=\"page\">healthy 17<"));
    state.source_filter = "all";
    CHECK(rows_of(render_page(state), "disabled") == 17);
}

TEST_CASE("page: where nothing fails it says so in three words, and has the links all the same") {
    const auto html = render_page(Sample().state());
    CHECK(contains(html, "<p>None fails.</p>"));
    CHECK(contains(html, "/?state=all#sources\">all 1<"));
    for (const char* link : {"/health", "/metrics", "/api/sources", "/version", "/?format=json"})
        CHECK_MESSAGE(contains(html, fmt::format("<a href=\"{}\">", link)), link);
    CHECK(contains(html, fmt::format("<h1>cti <small>{}</small></h1>", version())));
}

TEST_CASE("page: a state that there is not is refused with those that there are") {
    const auto refused = answer({"/", "", "", "<b>"}, Sample().state());
    CHECK(refused.code == 400);
    CHECK(refused.body == "the states are failing, warning, never, healthy, disabled, all\n");
    CHECK(answer({"/", "", "", "all"}, Sample().state()).code == 200);
}

TEST_CASE("page: as JSON it says the same") {
    const auto json = nlohmann::json::parse(overview_json(Sample().state()));
    CHECK(json["status"] == "healthy");
    CHECK(json["sources"][0]["identifier"] == "alpha");
    CHECK(json["sources"][0]["articles_24h"] == 3);
    CHECK(json["sources"][0]["last_error"].is_null());
    CHECK(json["runs"][0]["new"] == 3);
    CHECK(json["articles"][0]["title"] == "A loader");
    CHECK(json["articles"][0]["score"].is_null());
    CHECK(json["articles_by_day"][1] == nlohmann::json{{"day", "2026-11-19"}, {"articles", 3}});
}

TEST_CASE("page: before anything is known it is a page all the same") {
    State state = Sample().state();
    state.snapshot = std::make_shared<Snapshot>();
    CHECK(contains(render_page(state), "Not read yet."));
    CHECK(nlohmann::json::parse(overview_json(state))["sources"].empty());
}

TEST_CASE("page: the queue and the workers are there where there are any") {
    Sample sample;
    CHECK(render_page(sample.state()).find("id=\"jobs\"") == std::string::npos);
    sample.jobs.counts.by_kind = {{{"collect", JobState::ready}, 3}, {{"<b>newer", JobState::dead}, 1}};
    sample.jobs.counts.oldest_ready_s = 90;
    auto page = render_page(sample.state());
    CHECK(page.find("<td data-name=\"ready\" class=\"n\">3</td>") != std::string::npos);
    CHECK(page.find("&lt;b&gt;newer") != std::string::npos);
    CHECK(page.find(", and nobody works: <code>cti worker</code>") != std::string::npos);
    store::Worker worker;
    worker.name = "host:1<i>", worker.heartbeat_at = test::noon() - 10s;
    for (long id = 1; id <= 7; ++id) worker.jobs.push_back(id);
    sample.jobs.workers.assign(12, worker);
    page = render_page(sample.state());
    CHECK(page.find("host:1&lt;i&gt;") != std::string::npos);
    CHECK(page.find("<a href=\"/jobs/5\">5</a> and 2 more") != std::string::npos);
    CHECK(page.find("2 more workers") != std::string::npos);
    CHECK(page.find("nobody works") == std::string::npos);
}
