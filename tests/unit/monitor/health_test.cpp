#include "core/monitor/health.hpp"
#include "core/monitor/notifier.hpp"
#include "core/monitor/watchdog.hpp"
#include "sample.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <future>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;
using test::noon;
using test::Sample;
using test::steady_noon;

namespace {
Health assess(const State& state) {
    return monitor::assess_health(*state.snapshot, state.loop, state.threads, state.now.steady);
}
}

TEST_CASE("health: all is well") {
    const auto health = assess(Sample().state());
    CHECK(health.level == Level::pass);
    CHECK(health.reason == "");
}

TEST_CASE("health: a database that said no is away, with its words") {
    Sample sample;
    sample.snapshot.database_error = "cannot connect to the database: connection refused";
    const auto health = assess(sample.state());
    CHECK(health.level == Level::fail);
    CHECK(health.reason == "cannot connect to the database: connection refused");
    CHECK(unready_reason(*sample.state().snapshot, sample.loop, steady_noon()) == health.reason);
}

TEST_CASE("health: a database that has been silent for eight seconds is away, even if nobody was told no") {
    Sample sample;
    sample.snapshot.database_seen_at = steady_noon() - 7900ms;
    CHECK(assess(sample.state()).level == Level::pass);
    sample.snapshot.database_seen_at = steady_noon() - 8s;
    CHECK(assess(sample.state()).reason == "no answer for 8.0 s");
}

TEST_CASE("health: a schema that does not fit is no state to work in") {
    Sample sample;
    sample.snapshot.schema_error = "the database is older than this program";
    CHECK(assess(sample.state()).level == Level::fail);
    CHECK(unready_reason(*sample.state().snapshot, sample.loop, steady_noon()) ==
          "the database is older than this program");
}

TEST_CASE("health: whose last round could not be done is not ready, until one can be done") {
    Sample sample;
    sample.loop.last_error = "cannot write: no space left on device";
    const auto reason = [&] { return unready_reason(*sample.state().snapshot, sample.loop, steady_noon()); };
    CHECK(reason() == "the last round could not be done: cannot write: no space left on device");
    sample.loop.collects = false; // Somebody else collects: the rounds are theirs.
    CHECK(reason() == "");
    sample.loop.collects = true;
    sample.loop.last_error = "";
    CHECK(reason() == "");
}

TEST_CASE("health: a loop that does not turn is dead after a minute, whatever the database does") {
    Sample sample;
    sample.loop.heartbeat = steady_noon() - 61s;
    CHECK(find_hurt(sample.loop, {}, steady_noon()) == "the loop has not turned for 1 min 1 s");
    CHECK(assess(sample.state()).level == Level::fail);
    sample.loop.heartbeat = steady_noon() - 59s;
    sample.snapshot.database_error = "gone";
    CHECK(find_hurt(sample.loop, {}, steady_noon()) == "");
}

TEST_CASE("health: no successful round for three periods and a quarter of an hour is a failure") {
    Sample sample;
    sample.fast.schedules.clear();
    sample.loop.last_good_round = steady_noon() - 16min;
    CHECK(assess(sample.state()).level == Level::fail);
    SUBCASE("unless another replica had one") {
        sample.fast.schedules.push_back({"collect", std::nullopt, noon(), noon() - 2min, 1});
        CHECK(assess(sample.state()).level == Level::pass);
    }
    SUBCASE("unless the rounds are far apart") {
        sample.loop.period = 3h;
        CHECK(assess(sample.state()).level == Level::pass);
    }
    SUBCASE("unless it has just started") {
        sample.loop.started_at = steady_noon() - 1min;
        CHECK(assess(sample.state()).level == Level::pass);
    }
}

TEST_CASE("health: failing sources are a degraded state, disabled ones are none") {
    Sample sample;
    auto failing = test::make_source(2, "beta");
    failing.consecutive_failures = 3;
    sample.fast.sources.push_back({failing, {}, "", "", "HTTP 404", 0});
    auto disabled = failing;
    disabled.id = 3, disabled.active = false;
    sample.fast.sources.push_back({disabled, {}, "", "", "", 0});
    const auto health = assess(sample.state());
    CHECK(health.level == Level::warn);
    CHECK(health.reason == "1 of 2 active sources fail");
}

TEST_CASE("health: a job that has been ready for long warns, and says where nobody works") {
    Sample sample;
    sample.jobs.counts.by_kind[{"collect", JobState::ready}] = 2;
    sample.jobs.counts.by_kind[{"collect", JobState::done}] = 9;
    sample.jobs.counts.oldest_ready_s = 899;
    CHECK(assess(sample.state()).level == Level::pass);
    sample.jobs.counts.oldest_ready_s = 901;
    const auto state = sample.state();
    const auto health = assess(state);
    CHECK(health.level == Level::warn);
    CHECK(health.reason == "a job has been ready for 15 min 1 s: no worker is at work");
    const auto json = nlohmann::json::parse(health_json(health, *state.snapshot, state.loop, state.now));
    CHECK(json["checks"]["queue:depth"][0]["observedValue"] == 2);
    CHECK(json["checks"]["queue:oldestReadyAge"][0]["observedValue"] == 901);
    sample.jobs.workers.emplace_back();
    CHECK(assess(sample.state()).reason == "a job has been ready for 15 min 1 s");
}

TEST_CASE("health: the document has the members that scripts rely on") {
    Sample sample;
    const auto state = sample.state();
    const auto json =
        nlohmann::json::parse(health_json(assess(state), *state.snapshot, state.loop, state.now));
    CHECK(json["status"] == "healthy");
    CHECK(json["timestamp"] == "2026-11-19T12:00:00Z");
    CHECK(json["database"] == nlohmann::json{{"status", "connected"}, {"sources", 1}, {"articles", 42}});
    CHECK(json["version"].is_string());
    CHECK(json["snapshot_age_seconds"] == 1.0);
    for (const auto& [name, list] : json["checks"].items()) CHECK(list.at(0).at("status") == "pass");
    CHECK(json["checks"].contains("collector:lastSuccessAge"));
}

TEST_CASE("health: each count has an age of its own, and none before it was read") {
    Sample sample;
    auto state = sample.state();
    const auto read = [&] {
        return nlohmann::json::parse(health_json(assess(state), *state.snapshot, state.loop, state.now));
    };
    CHECK(read()["sources_age_seconds"] == 5.0);
    CHECK(read()["articles_age_seconds"] == 90.0);
    auto empty = *state.snapshot;
    empty.fast.reset(), empty.slow.reset();
    state.snapshot = std::make_shared<Snapshot>(empty);
    CHECK(read()["sources_age_seconds"].is_null());
    CHECK(read()["articles_age_seconds"].is_null());
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
    view.heartbeat = steady_noon() - 299s;
    CHECK(find_hang(view, settings, steady_noon()) == "");
    view.heartbeat = steady_noon() - 301s;
    CHECK(find_hang(view, settings, steady_noon()) == "the loop has not turned for 5 min 1 s");
    view.heartbeat = steady_noon();
    view.round_began = steady_noon() - settings.longest_round - 1s;
    CHECK(find_hang(view, settings, steady_noon()).starts_with("a round has taken"));
}

TEST_CASE("health: the wall clock may be set to anything") {
    for (const auto step : {-86'400s, -600s, -1s, 1s, 400s, 86'400s}) {
        CAPTURE(step.count());
        auto state = Sample().state();
        state.now.wall += step;
        const auto health = assess(state);
        CHECK(health.level == Level::pass);
        CHECK(answer({"/livez", "", ""}, state).code == 200);
        CHECK(answer({"/health", "", ""}, state).code == 200);
        const auto json = nlohmann::json::parse(answer({"/health", "", ""}, state).body);
        CHECK(json["next_round"] == format_rfc3339(state.now.wall + 4min));
        CHECK(json["checks"]["collector:lastSuccessAge"][0]["observedValue"] == 60);
    }
}

TEST_CASE("health: the server's clock may be set to anything") {
    for (const auto step : {-86'400s, -600s, -1s, 1s, 400s, 86'400s}) {
        CAPTURE(step.count());
        Sample sample; // its rows were written before the step
        sample.fast.server_time += step;
        CHECK(assess(sample.state()).level == Level::pass);
    }
}

TEST_CASE("health: a success in the server's future says nothing of rounds that do not come") {
    Sample sample;
    sample.fast.server_time -= 24h;
    sample.loop.last_good_round = steady_noon() - 16min;
    CHECK(assess(sample.state()).level == Level::fail);
}

TEST_CASE("health: a thread that does not get on with its work is told by its name") {
    Sample sample;
    auto state = sample.state();
    state.threads = {{"observer", "", 1h, false}, {"collect worker 1", "source talos", 61s, true}};
    CHECK(assess(state).level == Level::warn);
    CHECK(answer({"/livez", "", ""}, state).code == 200);
    state.threads[1].silent_for = 301s;
    const std::string words = "the thread 'collect worker 1' has not moved for 5 min 1 s: source talos";
    CHECK(assess(state).reason == words);
    CHECK(answer({"/livez", "", ""}, state).code == 503);
    CHECK(answer({"/livez", "", ""}, state).body == words + "\n");
    CHECK(answer({"/health", "", ""}, state).code == 503);
    CHECK(answer({"/metrics", "", ""}, state)
              .body.find("cti_thread_silence_seconds{thread=\"collect worker 1\"} 301\n") !=
          std::string::npos);
}

TEST_CASE("watchdog: a thread that has work and is silent is a hang, an idle one is none") {
    SteadyTime now = steady_noon();
    const auto clock = [&] { return now; };
    ThreadBoard threads(clock);
    ThreadSlot worker(&threads, "collect worker 1");
    LoopView view;
    view.heartbeat = now;
    LoopState loop(view);
    WatchdogSettings settings;
    settings.now = clock;
    settings.loop = &loop;
    settings.threads = &threads;
    now += 400s;
    loop.beat(now);
    CHECK(find_hang(settings) == "");
    worker.begin("source talos");
    now += 301s;
    loop.beat(now);
    CHECK(find_hang(settings) == "the thread 'collect worker 1' has not moved for 5 min 1 s: source talos");
    settings.loop = nullptr; // as `collect` has it
    CHECK(find_hang(settings).starts_with("the thread 'collect worker 1'"));
    worker.beat();
    CHECK(find_hang(settings) == "");
}

TEST_CASE("watchdog: it tells of a hang once, in its own thread") {
    ThreadBoard threads([] {
        static std::atomic<int> minutes{0};
        return SteadyTime{10min * minutes++};
    });
    ThreadSlot worker(&threads, "fetch");
    worker.begin("source talos");
    std::promise<std::string> told;
    WatchdogSettings settings;
    settings.every = 1ms;
    settings.threads = &threads;
    settings.on_hang = [&](const std::string& why) { told.set_value(why); };
    const Watchdog watchdog(std::move(settings));
    CHECK(told.get_future().get().starts_with("the thread 'fetch' has not moved for 10 min"));
}

TEST_CASE("clock watch: a clock that goes as the steady one does was not set") {
    ClockWatch watch;
    const auto now = test::noon_on_both();
    CHECK_FALSE(watch.look(now.wall, now.steady));
    CHECK_FALSE(watch.look(now.wall + 61s, now.steady + 60s));
    CHECK(watch.look(now.wall + 121s + 24h, now.steady + 120s) == now.steady + 120s);
    CHECK(watch.look(now.wall + 181s + 24h, now.steady + 180s) == now.steady + 120s);
    CHECK(watch.look(now.wall + 240s, now.steady + 240s) == now.steady + 240s);
}
