#include "core/base/error.hpp"
#include "core/collect/report.hpp"
#include "core/monitor/health.hpp"
#include "core/monitor/loop.hpp"
#include "core/monitor/watchdog.hpp"
#include "core/store/web/sources.hpp"
#include "heap.hpp"
#include "test_database.hpp"
#include "tests/unit/net/loopback_server.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <functional>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;
using net::test::Hit;
using net::test::LoopbackServer;

namespace {

long entries_of(const char* folder) { return std::distance(std::filesystem::directory_iterator(folder), {}); }

std::string feed(int number) {
    return fmt::format(
        "<rss version=\"2.0\"><channel><title>Day {0}</title><link>https://example.org/{0}</link><item><title>Entry {0}</title>"
        "<link>https://example.org/{0}/a</link><guid>{0}</guid><description>A report about a loader, number {0}, that was seen in the wild.</description>"
        "<pubDate>Thu, 19 Nov 2026 12:00:00 GMT</pubDate></item></channel></rss>",
        number);
}

// A monitor whose clock is ours: a wait takes no time, and what is planned in the database comes nearer by as
// much.
struct Simulation {
    explicit Simulation(int sources) {
        auto transaction = ready.begin();
        for (int i = 0; i < sources; ++i) {
            auto spec = make_spec(fmt::format("source{}", i));
            spec.rss_url = server->url(fmt::format("/{}", i));
            spec.check_frequency_s = 300;
            store::insert_source(transaction, ready.schema, spec);
        }
        store::set_active(transaction, ready.schema, ready.source_id, false);
        transaction.commit();
    }

    LoopView first_view() const {
        LoopView view;
        view.started_at = view.heartbeat = steady;
        return view;
    }

    LoopEnvironment environment() {
        LoopEnvironment out;
        out.now = [this] { return now; };
        out.steady = [this] { return steady; };
        out.wait = [this](std::chrono::milliseconds longest) { pass(longest); };
        out.is_stopped = [this] { return now >= end; };
        out.reload = [] { return std::nullopt; };
        out.connect = [this] { return db::Database(ready.test.address()); };
        out.collect = [this](db::Database& database, const db::Schema& schema, std::chrono::seconds early) {
            collect::Options options;
            options.selection.any_due = true, options.selection.early = early,
            options.requests.allow_private = true;
            options.run_id = fmt::format("run{}", ++rounds);
            const auto report = collect::collect(database, schema, options, current_time());
            checks += static_cast<long>(report.results.size());
            failed += collect::add_up(report).failed;
            return report;
        };
        out.round_ended = [] {};
        out.jitter = [] { return 0.5; };
        return out;
    }

    void pass(std::chrono::milliseconds time) {
        now += time, steady += time, owed += time;
        if (owed < 60s) return;
        const auto seconds = std::chrono::duration<double>(owed).count();
        owed = 0ms;
        ready.test.run(fmt::format(
            "UPDATE cti.source_state SET next_check_at = next_check_at - make_interval(secs => {0}), checked_at = checked_at - make_interval(secs => {0}); "
            "UPDATE public.sources SET last_check = last_check - make_interval(secs => {0}); "
            "UPDATE cti.schedules SET next_run_at = next_run_at - make_interval(secs => {0})",
            seconds));
    }

    struct Size {
        long descriptors, threads, connections, seen, states, counters, heap;
    };
    // The server remembers each connection until its end, so it is not there while we count.
    Size measure() {
        const int port = server->port();
        server.reset();
        const auto size = count_all();
        server.emplace(answer, "127.0.0.1", port);
        return size;
    }
    Size count_all() const {
        const auto count = [&](const std::string& table) {
            return std::stol(ready.test.value("SELECT count(*) FROM " + table));
        };
        return {
            entries_of("/proc/self/fd"), entries_of("/proc/self/task"),
            count("pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"),
            count("cti.seen_entries"), count("cti.source_state"),
            // Without the buckets of durations, a fixed set: one slow answer fills another of them.
            count("(SELECT DISTINCT name, labels FROM cti.counters WHERE name NOT LIKE '%_bucket') c"),
            static_cast<long>(heap_in_use())};
    }

    Ready ready;
    static net::test::Reply answer(const Hit& hit) {
        return net::test::reply(200, feed(std::stoi(hit.target.substr(1))),
                                "Content-Type: application/rss+xml\r\n");
    }
    std::optional<LoopbackServer> server{std::in_place, answer};
    Time now = std::chrono::floor<std::chrono::days>(current_time()) + 12h, end = now + 24h;
    SteadyTime steady{100h};
    std::chrono::milliseconds owed{0};
    int rounds = 0;
    long checks = 0, failed = 0;
};

LoopSettings every_five_minutes() {
    LoopSettings settings;
    settings.plan.interval = 300s;
    settings.housekeeping = Cron("30 3 * * *", "UTC");
    return settings;
}
}

TEST_CASE("loop: in a day of rounds nothing grows but the data") {
    Simulation day(3);
    LoopState state(day.first_view());
    const auto evening = day.end;
    day.end = day.now + 2h;
    Loop loop(every_five_minutes(), day.environment(), state);
    loop.run();
    const auto early = day.measure();
    day.end = evening;
    loop.run();
    const auto late = day.measure();
    CHECK(day.rounds >= 287);
    CHECK(day.checks >= 3 * 285);
    CHECK(day.failed == 0);
    CHECK(late.descriptors == early.descriptors);
    CHECK(late.threads == early.threads);
    CHECK(late.connections == early.connections);
    CHECK(late.seen == 3);
    CHECK(late.states == early.states);
    INFO(day.ready.test.value("SELECT string_agg(DISTINCT name || ' ' || labels, '; ') FROM cti.counters"));
    CHECK(late.counters == early.counters);
    CHECK(late.heap - early.heap < 256 * 1024);
    CHECK(day.ready.test.value("SELECT count(*) FROM public.articles") == "3");
    CHECK(day.ready.test.value(
              "SELECT last_success_at IS NOT NULL FROM cti.schedules WHERE name = 'housekeeping'") == "t");
    CHECK(state.view().last_good_round);
}

TEST_CASE("loop: a database that is away is asked again with growing pauses, and the heart goes on beating") {
    Simulation day(1);
    day.end = day.now + 2min;
    LoopState state(day.first_view());
    auto environment = day.environment();
    int tries = 0;
    Time back = day.now + 1min;
    environment.connect = [&]() -> db::Database {
        ++tries;
        CHECK(day.steady - state.view().heartbeat <= 1s);
        if (day.now < back)
            throw Error{ExitCode::database, "cannot connect to the database: connection refused"};
        return db::Database(day.ready.test.address());
    };
    Loop loop(every_five_minutes(), environment, state);
    loop.run();
    CHECK(tries > 5);
    CHECK(tries < 20);
    CHECK(day.checks == 1);
    CHECK(state.view().draining);
}

TEST_CASE("loop: settings that are no use are told and leave the old ones, good ones count at once") {
    Simulation day(1);
    day.end = day.now + 10min;
    LoopState state(day.first_view());
    auto environment = day.environment();
    int asked = 0;
    environment.reload = [&]() -> std::optional<LoopSettings> {
        if (++asked == 5) throw Error{ExitCode::usage, "the sources file is broken"};
        if (asked != 10) return std::nullopt;
        auto settings = every_five_minutes();
        settings.plan.interval = 60s;
        return settings;
    };
    Loop loop(every_five_minutes(), environment, state);
    loop.run();
    CHECK(state.view().schedule == "every 60 s");
}

TEST_CASE("loop: by cron, the rounds are at its moments and the first one at once") {
    Simulation day(1);
    LoopSettings settings;
    settings.plan.mode = Plan::Mode::cron;
    settings.plan.cron = Cron("0 */3 * * *", "UTC");
    LoopState state(day.first_view());
    day.end = day.now + 3h - 1min;
    Loop loop(settings, day.environment(), state);
    loop.run();
    CHECK(day.rounds == 1);
    CHECK(day.checks == 1);
    CHECK(next_round_of(state.view(), {day.now, day.steady}) == day.now + 1min);
    day.end += 3h;
    loop.run();
    CHECK(day.rounds == 2);
    day.end += 3h;
    loop.run();
    CHECK(day.rounds == 3);
}

namespace {
// Without sources and their rounds: what a loop plans is told by the rounds that it begins.
struct SteppedLoop {
    Ready ready;
    Instant clock{std::chrono::floor<std::chrono::days>(current_time()) + 12h + 10s, SteadyTime{100h}};
    SteadyTime end = clock.steady;
    std::vector<Instant> rounds;   // their beginnings, by either clock
    std::function<void()> at_wait; // called before each wait

    LoopEnvironment environment() {
        LoopEnvironment out;
        out.now = [this] { return clock.wall; };
        out.steady = [this] { return clock.steady; };
        out.wait = [this](std::chrono::milliseconds longest) {
            clock.wall += longest, clock.steady += longest;
            if (at_wait) at_wait();
        };
        out.is_stopped = [this] { return clock.steady >= end; };
        out.reload = [] { return std::nullopt; };
        out.connect = [this] { return db::Database(ready.test.address()); };
        // The one source of Ready is never asked, so it is due in each round.
        out.collect = [this](db::Database&, const db::Schema&, std::chrono::seconds) {
            rounds.push_back(clock);
            return collect::Report{};
        };
        out.round_ended = [] {};
        out.jitter = [] { return 0.5; };
        return out;
    }
};

LoopSettings by(const std::string& schedule) {
    LoopSettings settings;
    if (schedule == "due") {
        settings.plan.mode = Plan::Mode::due;
    } else if (schedule == "interval") {
        settings.plan.interval = 60s;
    } else {
        settings.plan.mode = Plan::Mode::cron;
        settings.plan.cron = Cron(schedule, "UTC");
    }
    return settings;
}
}

TEST_CASE("loop: however the clock is set, the next round comes within a period and nothing looks hung") {
    const auto collects = [] {
        SteppedLoop day;
        LoopView view;
        view.started_at = view.heartbeat = day.clock.steady;
        LoopState state(view);
        day.end = day.clock.steady + 1s;
        Loop(by("due"), day.environment(), state).run();
        return !day.rounds.empty();
    };
    REQUIRE(collects()); // else the rest would say nothing
    SteppedLoop day;
    for (const std::string schedule : {"interval", "due", "* * * * *", "*/10 * * * *", "0 */3 * * *"})
        for (const auto step : {-86'400s, -600s, -1s, 1s, 400s, 86'400s}) {
            CAPTURE(schedule);
            CAPTURE(step.count());
            const auto settings = by(schedule);
            const SteadyTime::duration period =
                schedule == "due" ? SteadyTime::duration(10s) : settings.plan.period();
            LoopView view;
            view.started_at = view.heartbeat = day.clock.steady;
            ThreadBoard threads([&] { return day.clock.steady; });
            LoopState state(view, &threads);
            WatchdogSettings watching;
            watching.now = [&] { return day.clock.steady; };
            watching.loop = &state;
            watching.threads = &threads;
            const auto begun = day.clock.steady;
            const auto step_at = begun + 2 * period + 5s;
            bool is_set = false;
            std::string hang;
            int unhealthy = 0, wrong_dates = 0;
            day.rounds.clear();
            day.end = step_at + 3 * period;
            day.at_wait = [&] {
                if (!is_set && day.clock.steady >= step_at) day.clock.wall += step, is_set = true;
                if (hang.empty()) hang = find_hang(watching);
                unhealthy += find_hurt(state.view(), threads.list(), day.clock.steady).empty() ? 0 : 1;
                const auto next = state.view().next_round;
                wrong_dates += next && *next - day.clock.steady > period + 2s ? 1 : 0;
            };
            Loop(settings, day.environment(), state).run();
            CHECK(is_set);
            CHECK(hang == "");
            CHECK(unhealthy == 0);
            CHECK(wrong_dates == 0);
            std::vector<SteadyTime> begins;
            for (const auto& round : day.rounds) begins.push_back(round.steady);
            const auto after = std::ranges::find_if(begins, [&](SteadyTime at) { return at >= step_at; });
            REQUIRE(after != begins.end());
            CHECK(*after - step_at <= period + 1s);
            // No stall later on either, and never two at once.
            for (auto at = begins.begin() + 1; at != begins.end(); ++at) {
                CHECK(*at - *(at - 1) <= 2 * period + 2s);
                CHECK(*at - *(at - 1) >= 1s);
            }
            day.at_wait = nullptr;
        }
}

TEST_CASE("loop: set back by less than its moments are apart, cron gives none of them a second round") {
    for (const std::string schedule : {"* * * * *", "*/10 * * * *", "0 * * * *", "0 */3 * * *"})
        for (const auto step : {-1s, -600s})
            for (const auto after_moment : {1s, 30s}) {
                CAPTURE(schedule);
                CAPTURE(step.count());
                CAPTURE(after_moment.count());
                SteppedLoop day;
                const auto settings = by(schedule);
                const auto period = settings.plan.period();
                if (-step >= period) continue;
                const Time moment = settings.plan.cron->next(day.clock.wall);
                LoopView view;
                view.started_at = view.heartbeat = day.clock.steady;
                LoopState state(view);
                bool is_set = false;
                day.end = day.clock.steady + (moment - day.clock.wall) + 1h + 3 * period;
                day.at_wait = [&] {
                    if (!is_set && day.clock.wall >= moment + after_moment)
                        day.clock.wall += step, is_set = true;
                };
                Loop(settings, day.environment(), state).run();
                REQUIRE(is_set);
                // Rounds at a moment of the schedule, by the date that the clock showed.
                std::vector<Time> moments;
                for (const auto& round : day.rounds)
                    if (settings.plan.cron->next(round.wall - 1s) <= round.wall)
                        moments.push_back(round.wall);
                CHECK(moments.size() > 2);
                const bool is_repeated =
                    std::ranges::adjacent_find(moments, std::greater_equal{}) != moments.end();
                CHECK_FALSE(is_repeated);
            }
}

TEST_CASE("loop: set back by a day, the clock shows a new time, and cron follows it") {
    SteppedLoop day;
    LoopState state([&] {
        LoopView view;
        view.started_at = view.heartbeat = day.clock.steady;
        return view;
    }());
    day.end = day.clock.steady + 3min;
    Loop loop(by("0 * * * *"), day.environment(), state);
    loop.run(); // one round at once
    day.clock.wall -= 24h;
    day.end += 3h;
    loop.run();
    REQUIRE(day.rounds.size() == 4);
    for (std::size_t i = 1; i < 4; ++i)
        CHECK(std::chrono::floor<std::chrono::hours>(day.rounds[i].wall) ==
              std::chrono::floor<std::chrono::seconds>(day.rounds[i].wall));
}

TEST_CASE("loop: moments of cron that the clock passed over have one round, at once") {
    SteppedLoop day;
    LoopState state([&] {
        LoopView view;
        view.started_at = view.heartbeat = day.clock.steady;
        return view;
    }());
    day.end = day.clock.steady + 3min;
    Loop loop(by("0 * * * *"), day.environment(), state);
    loop.run();
    day.clock.wall += 5h;
    day.end += 2s;
    loop.run();
    CHECK(day.rounds.size() == 2);
    day.end += 30min;
    loop.run();
    CHECK(day.rounds.size() == 2);
}
