#include "core/monitor/health.hpp"
#include "core/monitor/watchdog.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;
using test::noon;
using test::Sample;

namespace {
Health judge(const State& state) { return monitor::judge(*state.snapshot, state.loop, state.now); }
}

TEST_CASE("health: all is well") {
    const auto health = judge(Sample().state());
    CHECK(health.level == Level::pass);
    CHECK(health.reason == "");
}

TEST_CASE("health: a database that said no is away, with its words") {
    Sample sample;
    sample.snapshot.database_error = "cannot connect to the database: connection refused";
    const auto health = judge(sample.state());
    CHECK(health.level == Level::fail);
    CHECK(health.reason == "cannot connect to the database: connection refused");
    CHECK(unready_reason(*sample.state().snapshot, sample.loop, noon()) == health.reason);
}

TEST_CASE("health: a database that has been silent for eight seconds is away, even if nobody was told no") {
    Sample sample;
    sample.snapshot.database_seen_at = noon() - 7900ms;
    CHECK(judge(sample.state()).level == Level::pass);
    sample.snapshot.database_seen_at = noon() - 8s;
    CHECK(judge(sample.state()).reason == "no answer for 8.0 s");
}

TEST_CASE("health: a schema that does not fit is no state to work in") {
    Sample sample;
    sample.snapshot.schema_error = "the database is older than this program";
    CHECK(judge(sample.state()).level == Level::fail);
    CHECK(unready_reason(*sample.state().snapshot, sample.loop, noon()) ==
          "the database is older than this program");
}

TEST_CASE("health: a loop that does not turn is dead after a minute, whatever the database does") {
    Sample sample;
    sample.loop.heartbeat = noon() - 61s;
    CHECK_FALSE(is_alive(sample.loop, noon()));
    CHECK(judge(sample.state()).level == Level::fail);
    sample.loop.heartbeat = noon() - 59s;
    sample.snapshot.database_error = "gone";
    CHECK(is_alive(sample.loop, noon()));
}

TEST_CASE("health: no successful round for three periods and a quarter of an hour is a failure") {
    Sample sample;
    sample.facts.schedules.clear();
    sample.loop.last_good_round = noon() - 16min;
    CHECK(judge(sample.state()).level == Level::fail);
    SUBCASE("unless another replica had one") {
        sample.facts.schedules.push_back({"collect", std::nullopt, noon(), noon() - 2min, 1});
        CHECK(judge(sample.state()).level == Level::pass);
    }
    SUBCASE("unless the rounds are far apart") {
        sample.loop.period = 3h;
        CHECK(judge(sample.state()).level == Level::pass);
    }
    SUBCASE("unless it has just started") {
        sample.loop.started_at = noon() - 1min;
        CHECK(judge(sample.state()).level == Level::pass);
    }
}

TEST_CASE("health: failing sources are a degraded state, disabled ones are none") {
    Sample sample;
    auto failing = test::make_source(2, "beta");
    failing.consecutive_failures = 3;
    sample.facts.sources.push_back({failing, {}, "", "", "HTTP 404", 0});
    auto disabled = failing;
    disabled.id = 3, disabled.active = false;
    sample.facts.sources.push_back({disabled, {}, "", "", "", 0});
    const auto health = judge(sample.state());
    CHECK(health.level == Level::warn);
    CHECK(health.reason == "1 of 2 active sources fail");
}

TEST_CASE("health: the document has the members that scripts rely on") {
    Sample sample;
    const auto state = sample.state();
    const auto json =
        nlohmann::json::parse(health_json(judge(state), *state.snapshot, state.loop, state.now));
    CHECK(json["status"] == "healthy");
    CHECK(json["timestamp"] == "2026-11-19T12:00:00Z");
    CHECK(json["database"] == nlohmann::json{{"status", "connected"}, {"sources", 1}, {"articles", 42}});
    CHECK(json["version"].is_string());
    for (const auto& [name, list] : json["checks"].items()) CHECK(list.at(0).at("status") == "pass");
    CHECK(json["checks"].contains("collector:lastSuccessAge"));
}

TEST_CASE("routes: probes answer with their codes") {
    Sample sample;
    const auto code = [&](const char* path) { return answer({path, "", ""}, sample.state()).code; };
    for (const char* path : {"/livez", "/healthz", "/readyz", "/healthcheck", "/startupz", "/health",
                             "/api/health", "/metrics", "/api/sources", "/", "/version"})
        CHECK(code(path) == 200);
    CHECK(code("/nothing") == 404);
    CHECK(code("/livez/") == 404);
    sample.snapshot.database_error = "gone";
    CHECK(code("/livez") == 200);
    CHECK(code("/readyz") == 503);
    CHECK(code("/health") == 503);
    CHECK(code("/metrics") == 200);
    sample.snapshot.database_error.clear();
    sample.loop.draining = true;
    CHECK(code("/readyz") == 503);
}

TEST_CASE("routes: before the database was read once, the lists say so") {
    State state = Sample().state();
    state.snapshot = std::make_shared<Snapshot>();
    for (const char* path : {"/api/sources", "/api/stats", "/startupz", "/readyz", "/health"})
        CHECK(answer({path, "", ""}, state).code == 503);
    CHECK(answer({"/", "", ""}, state).code == 200);
    CHECK(answer({"/", "xml", ""}, state).code == 400);
}

TEST_CASE("watchdog: silence and endless rounds are hangs, a quiet loop is none") {
    WatchdogSettings settings;
    LoopView view;
    view.heartbeat = noon() - 299s;
    CHECK(find_hang(view, settings, noon()) == "");
    view.heartbeat = noon() - 301s;
    CHECK(find_hang(view, settings, noon()) == "the loop has not turned for 5 min 1 s");
    view.heartbeat = noon();
    view.round_began = noon() - settings.longest_round - 1s;
    CHECK(find_hang(view, settings, noon()).starts_with("a round has taken"));
}
