#include "core/store/own/counters.hpp"
#include "core/store/own/housekeeping.hpp"
#include "core/store/own/notifications.hpp"
#include "core/store/own/runs.hpp"
#include "core/store/own/seen_entries.hpp"
#include "core/store/read/overview.hpp"
#include "core/store/record.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <thread>

using namespace cti;
using namespace cti::db;
using namespace cti::store;
using namespace std::chrono_literals;

namespace {
RunRow make_run(const std::string& id, const std::string& result = "ok") {
    RunRow row;
    row.id = id, row.command = "collect", row.owner = "host:1", row.result = result;
    row.started_at = make_time("2026-11-19T11:59:57Z"), row.finished_at = make_time("2026-11-19T12:00:00Z");
    row.sources = 3, row.inserted = 12;
    return row;
}
template <class Work>
void in_transaction(Ready& ready, const Work& work) {
    auto transaction = ready.begin();
    work(transaction);
    transaction.commit();
}
Counters counters_of(Ready& ready) {
    auto transaction = ready.begin();
    return read_counters(transaction);
}
}

TEST_CASE("add_counters: they add up over all writers and never lose one") {
    Ready ready;
    constexpr int writers = 4, rounds = 50;
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&] {
            Database database(ready.test.address());
            for (int round = 0; round < rounds; ++round)
                with_retry(database, [](Transaction& transaction) {
                    Counters counters;
                    count(counters, "a_total", "result", "new", 2);
                    count(counters, "b_total");
                    count(counters, "c_total", {}, {}, 0);
                    add_counters(transaction, counters);
                });
        });
    for (auto& thread : threads) thread.join();
    CHECK(counters_of(ready) == Counters{{{"a_total", "result=\"new\""}, 2.0 * writers * rounds},
                                         {{"b_total", ""}, 1.0 * writers * rounds}});
}

TEST_CASE("add_counters: what is rolled back was never counted") {
    Ready ready;
    {
        auto transaction = ready.begin();
        add_counters(transaction, {{{"a_total", ""}, 5}});
    }
    CHECK(counters_of(ready).empty());
}

TEST_CASE("record_run: the same run twice is one, with the server's time and its own length") {
    Ready ready;
    in_transaction(ready, [](Transaction& transaction) { record_run(transaction, make_run("a")); });
    in_transaction(ready, [](Transaction& transaction) { record_run(transaction, make_run("a")); });
    in_transaction(ready, [](Transaction& transaction) { record_run(transaction, make_run("b", "failed")); });
    auto transaction = ready.begin();
    const auto runs = recent_runs(transaction, 10);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].id == "b");
    CHECK(runs[1].inserted == 12);
    CHECK(runs[1].finished_at - runs[1].started_at == 3s);
    CHECK(read_counters(transaction) ==
          Counters{{{"cti_runs_total", "command=\"collect\",result=\"ok\""}, 1},
                   {{"cti_runs_total", "command=\"collect\",result=\"failed\""}, 1}});
    const auto schedules = list_schedules(transaction);
    REQUIRE(schedules.size() == 1);
    CHECK(schedules[0].last_duration_s == 3);
    CHECK(*schedules[0].last_success_at < *schedules[0].last_run_at);
}

TEST_CASE("claim_scheduled: one of many gets it, when it is time") {
    Ready ready;
    const auto claim = [&](std::chrono::microseconds next_in) {
        bool mine = false;
        in_transaction(ready, [&](Transaction& transaction) {
            mine = claim_scheduled(transaction, "housekeeping", next_in);
        });
        return mine;
    };
    const auto tomorrow = 24h;
    CHECK_FALSE(claim(tomorrow));
    CHECK_FALSE(claim(tomorrow));
    ready.test.run(
        "UPDATE cti.schedules SET next_run_at = now() - interval '1 second' WHERE name = 'housekeeping'");
    CHECK(claim(tomorrow));
    CHECK_FALSE(claim(tomorrow));
}

TEST_CASE("claim_scheduled: a plan of a clock that has been set back since comes nearer") {
    Ready ready;
    const auto claim = [&] {
        in_transaction(ready, [&](Transaction& transaction) {
            CHECK_FALSE(claim_scheduled(transaction, "housekeeping", 2h));
        });
    };
    claim();
    ready.test.run(
        "UPDATE cti.schedules SET next_run_at = next_run_at + interval '1 day' WHERE name = 'housekeeping'");
    claim();
    CHECK(
        ready.test.value(
            "SELECT next_run_at <= now() + interval '2 hours' FROM cti.schedules WHERE name = 'housekeeping'") ==
        "t");
}

TEST_CASE("housekeeping: what is old goes, the last of each kind stays, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        for (int i = 0; i < 3; ++i)
            in_transaction(ready, [&](Transaction& transaction) {
                CheckRecord record;
                record.source_id = ready.source_id;
                record_check(transaction, ready.schema, record);
                record_run(transaction, make_run(fmt::format("run{}", i)));
            });
        const auto before = std::stoi(ready.test.value(
            fmt::format("SELECT count(*) FROM public.source_checks WHERE source_id = {}", ready.source_id)));
        ready.test.run(fmt::format(
            "UPDATE public.source_checks SET check_time = check_time - interval '91 days' WHERE source_id = {}",
            ready.source_id));
        ready.test.run("UPDATE cti.runs SET finished_at = finished_at - interval '91 days'");
        ready.test.run(fmt::format(
            "INSERT INTO cti.seen_entries (source_id, entry_key, last_seen) SELECT {}, k, now() - a * interval '1 day' FROM (VALUES ('old', 400), ('new', 0)) AS e (k, a)",
            ready.source_id));
        long checks = 0, runs = 0, entries = 0;
        in_transaction(ready, [&](Transaction& transaction) {
            checks = remove_old_checks(transaction, ready.schema, std::chrono::days{90});
            runs = remove_old_runs(transaction, std::chrono::days{90});
            entries = remove_old_entries(transaction, std::chrono::days{365});
            refresh_statistics(transaction);
        });
        CHECK(checks == before - 1);
        CHECK(runs == 2);
        CHECK(entries == 1);
        CHECK(ready.test.value("SELECT string_agg(entry_key, ',') FROM cti.seen_entries") == "new");
        in_transaction(ready, [&](Transaction& transaction) {
            CHECK(remove_old_checks(transaction, ready.schema, std::chrono::days{90}) == 0);
        });
    }
}

TEST_CASE("housekeeping: a feed that was not read for a year keeps what is known of it") {
    Ready ready;
    ready.test.run(fmt::format(
        "INSERT INTO cti.seen_entries (source_id, entry_key, last_seen) SELECT {}, n::text, now() - interval '500 days' FROM generate_series(1, 5) n",
        ready.source_id));
    in_transaction(ready, [](Transaction& transaction) {
        CHECK(remove_old_entries(transaction, std::chrono::days{365}) == 0);
    });
}

TEST_CASE("notifications: an event that ten replicas report is one row and one delivery at a time") {
    Ready ready;
    for (int replica = 0; replica < 10; ++replica)
        in_transaction(ready, [&](Transaction& transaction) {
            CHECK(add_events(transaction, {{"source_failing/1/0", "{\"a\": \"é\"}"}}) ==
                  (replica == 0 ? 1 : 0));
        });
    const auto claim = [&] {
        std::optional<Delivery> delivery;
        in_transaction(ready, [&](Transaction& transaction) { delivery = claim_delivery(transaction, 60s); });
        return delivery;
    };
    const auto first = claim();
    REQUIRE(first);
    CHECK(first->event.payload == "{\"a\": \"é\"}");
    CHECK(first->attempts == 1);
    CHECK_FALSE(claim());
    SUBCASE("whoever dies with it is followed by another after the lease") {
        ready.test.run("UPDATE cti.notifications SET next_attempt_at = now()");
        CHECK(claim()->attempts == 2);
    }
    SUBCASE("a failure is tried again, a success never") {
        in_transaction(ready, [](Transaction& transaction) {
            fail_delivery(transaction, "source_failing/1/0", "HTTP 500", 0s);
        });
        CHECK(claim());
        in_transaction(ready,
                       [](Transaction& transaction) { finish_delivery(transaction, "source_failing/1/0"); });
        CHECK_FALSE(claim());
        CHECK(ready.test.value(
                  "SELECT delivered_at IS NOT NULL AND next_attempt_at IS NULL FROM cti.notifications") ==
              "t");
    }
    SUBCASE("what is given up stays with its reason") {
        in_transaction(ready, [](Transaction& transaction) {
            fail_delivery(transaction, "source_failing/1/0", "HTTP 410", std::nullopt);
        });
        CHECK_FALSE(claim());
        CHECK(ready.test.value("SELECT error || (delivered_at IS NULL)::text FROM cti.notifications") ==
              "HTTP 410true");
    }
    auto transaction = ready.begin();
    CHECK(event_keys(transaction, "source_failing/") == std::vector<std::string>{"source_failing/1/0"});
    CHECK(event_keys(transaction, "source_recovered/").empty());
}

TEST_CASE(
    "find_high_scores: only articles that came after the first question, with a number or a text as score") {
    Ready ready;
    const auto insert = [&](int number, const std::string& metadata) {
        in_transaction(ready, [&](Transaction& transaction) {
            CheckRecord record;
            record.source_id = ready.source_id;
            record.articles.push_back(make_article(number));
            record.articles.back().metadata_json = metadata;
            CHECK(record_check(transaction, ready.schema, record).count == 1);
        });
    };
    const auto found = [&] {
        std::vector<double> scores;
        in_transaction(ready, [&](Transaction& transaction) {
            for (const auto& article : find_high_scores(transaction, ready.schema, 50))
                scores.push_back(article.score);
        });
        return scores;
    };
    insert(1, R"({"threat_hunting_score": 99})");
    CHECK(found().empty());
    insert(2, R"({"threat_hunting_score": 75.5})");
    insert(3, R"({"threat_hunting_score": "60"})");
    insert(4, R"({"threat_hunting_score": 49.9})");
    insert(5, "{}");
    CHECK(found() == std::vector<double>{75.5, 60});
}

TEST_CASE("read_contents: counts by day and source, the newest articles first, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto before = std::stol(ready.test.value("SELECT count(*) FROM public.articles"));
        in_transaction(ready, [&](Transaction& transaction) {
            CheckRecord record;
            record.source_id = ready.source_id;
            for (int i = 0; i < 3; ++i) record.articles.push_back(make_article(i));
            CHECK(record_check(transaction, ready.schema, record).count == 3);
        });
        ready.test.run(
            "UPDATE public.articles SET article_metadata = '{\"threat_hunting_score\": \"71.5\"}'");
        auto transaction = ready.begin();
        const auto contents = read_contents(transaction, ready.schema, 2);
        CHECK(contents.articles == before + 3);
        CHECK(contents.last_24h.at(ready.source_id) == 3);
        REQUIRE(contents.by_day.size() == 14);
        CHECK(contents.by_day.back().second >= 3);
        REQUIRE(contents.newest.size() == 2);
        CHECK(contents.newest[0].id > contents.newest[1].id);
        CHECK(contents.newest[0].score == 71.5);
        CHECK(contents.database_bytes > 0);
    }
}

TEST_CASE("time_to_next_due: now, in a while, or never") {
    Ready ready;
    const auto ask = [&](std::chrono::seconds early = 0s) {
        auto transaction = ready.begin();
        return time_to_next_due(transaction, ready.schema, early);
    };
    CHECK(ask() == 0ms);
    in_transaction(ready, [&](Transaction& transaction) {
        CheckRecord record;
        record.source_id = ready.source_id;
        record.next_check_in = 1000s;
        record_check(transaction, ready.schema, record);
    });
    CHECK(*ask() > 990s);
    CHECK(*ask() <= 1000s);
    CHECK(*ask(100s) <= 900s);
    // At most a tenth of check_frequency (one hour) early.
    CHECK(*ask(900s) > 600s);
    ready.test.run("UPDATE cti.source_state SET wait_reason = 'the server asks for it'");
    CHECK(*ask(100s) > 990s);
    ready.test.run(
        "UPDATE cti.source_state SET next_check_at = now(), lease_until = now() + interval '50 seconds'");
    CHECK(*ask() > 40s);
    ready.test.run("UPDATE public.sources SET active = false");
    CHECK_FALSE(ask());
}
