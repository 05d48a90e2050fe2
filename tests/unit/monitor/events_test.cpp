#include "core/monitor/events.hpp"
#include "core/monitor/notifier.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;
using test::noon;
using test::Sample;

TEST_CASE("events: a source that fails is one event until it was read again") {
    Sample sample;
    auto& source = sample.fast.sources[0].source;
    source.consecutive_failures = 5;
    sample.fast.sources[0].last_error = "HTTP 404";
    const auto first = failing_sources(sample.fast, 5, noon());
    REQUIRE(first.size() == 1);
    const auto json = nlohmann::json::parse(first[0].payload);
    CHECK(json["event"] == "source_failing");
    CHECK(json["text"] == "cti: source 'alpha' has failed 5 times in a row: HTTP 404");
    CHECK(json["source"] == "alpha");
    CHECK(json["id"] == first[0].key);

    source.consecutive_failures = 6;
    CHECK(failing_sources(sample.fast, 5, noon() + 1h)[0].key == first[0].key);
    CHECK(recovered_sources(sample.fast, {first[0].key}, noon()).empty());

    source.consecutive_failures = 0, source.last_success = noon();
    CHECK(failing_sources(sample.fast, 5, noon()).empty());
    const auto recovered = recovered_sources(sample.fast, {first[0].key}, noon());
    REQUIRE(recovered.size() == 1);
    CHECK(nlohmann::json::parse(recovered[0].payload)["text"] == "cti: source 'alpha' is read again");

    source.consecutive_failures = 5;
    CHECK(failing_sources(sample.fast, 5, noon())[0].key != first[0].key);
}

TEST_CASE("events: fewer failures, disabled and unknown sources are none") {
    Sample sample;
    auto& source = sample.fast.sources[0].source;
    source.consecutive_failures = 4;
    CHECK(failing_sources(sample.fast, 5, noon()).empty());
    source.consecutive_failures = 9, source.active = false;
    CHECK(failing_sources(sample.fast, 5, noon()).empty());
    CHECK(recovered_sources(sample.fast, {"source_failing/99/1"}, noon()).empty());
}

TEST_CASE("events: a source that was never read has an episode too") {
    Sample sample;
    auto& source = sample.fast.sources[0].source;
    source.last_success.reset(), source.consecutive_failures = 5;
    const auto events = failing_sources(sample.fast, 5, noon());
    REQUIRE(events.size() == 1);
    CHECK(events[0].key == "source_failing/1/0");
    source.last_success = noon(), source.consecutive_failures = 0;
    CHECK(recovered_sources(sample.fast, {events[0].key}, noon()).size() == 1);
}

TEST_CASE("events: a stale collection is one event for each last success") {
    Sample sample;
    CHECK(stale_collection(sample.fast, 1h, noon()).empty());
    const auto stale = stale_collection(sample.fast, 30s, noon());
    REQUIRE(stale.size() == 1);
    CHECK(stale_collection(sample.fast, 30s, noon() + 1h)[0].key == stale[0].key);
}

TEST_CASE("events: a title cannot make a link or call somebody in a chat") {
    const auto events = high_scores(
        {{9, "alpha", "<!channel> & <https://evil.example|here>\x1b", "https://example.org/", 81.25}},
        noon());
    REQUIRE(events.size() == 1);
    const auto json = nlohmann::json::parse(events[0].payload);
    CHECK(json["text"] ==
          "cti: &lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;\\x1b (score 81.2, alpha)");
    CHECK(json["score"] == 81.25);
    CHECK(events[0].key == "article_score/9");
}

TEST_CASE("what a receiver does not take is posted again for about a day") {
    using namespace std::chrono_literals;
    std::chrono::seconds all{0};
    int attempts = 1;
    for (; const auto pause = pause_after(attempts); ++attempts) {
        CHECK(*pause <= 3h);
        all += *pause;
    }
    CHECK(*pause_after(1) == 10s);
    CHECK(*pause_after(3) == 40s);
    CHECK(all > 22h);
    CHECK(all < 26h);
    CHECK(!pause_after(attempts + 1));
}
