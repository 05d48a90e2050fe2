#include "core/collect/collect.hpp"
#include "core/collect/report.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"
#include "tests/unit/net/loopback_server.hpp"

#include <atomic>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <future>
#include <random>
#include <stdexcept>
#include <thread>

using namespace cti;
using namespace std::chrono_literals;
using net::test::Hit;
using net::test::LoopbackServer;

namespace {
// "/3/feed" has ten entries without a text, "/3/2" is the page of one of them.
net::test::Reply answer(const Hit& hit) {
    const auto name = hit.target.substr(1);
    if (hit.target == "/robots.txt") return net::test::reply(404);
    if (hit.target.ends_with("/feed")) {
        const auto number = name.substr(0, name.find('/'));
        std::string body = "<rss version=\"2.0\"><channel><title>Source " + number + "</title>";
        for (int i = 0; i < 10; ++i)
            body += fmt::format(
                "<item><title>Report {1} of source {0}</title><link>http://{2}/{0}/{1}</link><guid>{0}-{1}</guid></item>",
                number, i,
                hit.head.substr(hit.head.find("ost: ") + 5,
                                hit.head.find('\r', hit.head.find("ost: ")) - hit.head.find("ost: ") - 5));
        return net::test::reply(200, body + "</channel></rss>", "Content-Type: application/rss+xml\r\n");
    }
    std::string body = "<html><head><title>Report</title></head><body><article><h1>Report " + name + "</h1>";
    for (int i = 0; i < 12; ++i)
        body += fmt::format(
            "<p>Paragraph {} of {}: a loader was seen in the wild, it wrote to 198.51.100.{} and to evil{}.example.</p>",
            i, name, i, i);
    return net::test::reply(200, body + "</article></body></html>", "Content-Type: text/html\r\n");
}

struct Lab {
    explicit Lab(int sources) {
        auto tx = ready.begin();
        for (int i = 0; i < sources; ++i) {
            auto spec = make_spec(fmt::format("source{}", i));
            spec.rss_url = server.url(fmt::format("/{}/feed", i));
            store::insert_source(tx, ready.schema, spec);
        }
        store::set_active(tx, ready.schema, ready.source_id, false);
        tx.commit();
    }
    collect::Report run(int workers) {
        collect::Options options;
        options.selection.any_due = options.requests.allow_private = options.check.pages = true;
        options.workers = workers;
        options.requests.connections_per_host = 20;
        options.observer.pause = pause;
        options.run_id = "run";
        return collect::collect(ready.database, ready.schema, options, current_time());
    }
    std::string count(const std::string& what) const {
        return ready.test.value("SELECT count(*) FROM " + what);
    }

    LoopbackServer server{answer};
    Ready ready;
    std::function<void()> pause;
};

// How often the whole thing is done: more by hand (tests/campaigns/jitter.sh).
int repetitions() {
    const char* text = std::getenv("CTI_ENGINE_RUNS");
    return text == nullptr ? 3 : std::max(1, std::atoi(text));
}
}

TEST_CASE("engine: every page of every source is stored once, whatever the order of the threads") {
    for (int round = 0; round < repetitions(); ++round) {
        Lab lab(20);
        std::atomic<unsigned> seed{static_cast<unsigned>(round)};
        lab.pause = [&seed] {
            thread_local std::minstd_rand random{seed++};
            const auto draw = random() % 8;
            if (draw == 0)
                std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
            else if (draw < 4)
                std::this_thread::yield();
        };
        const auto report = lab.run(1 + round % 4);
        const auto totals = collect::add_up(report);
        CHECK(totals.failed == 0);
        CHECK(totals.inserted == 200);
        CHECK(report.pages == 200);
        CHECK(lab.count("public.articles") == "200");
        CHECK(lab.count("public.articles WHERE content LIKE '%Paragraph 11%'") == "200");
        CHECK(lab.count("public.source_checks") == "20");
        CHECK(lab.count("cti.source_state WHERE lease_token IS NOT NULL") == "0");
        CHECK(lab.count("cti.article_keys") == "0");
    }
}

TEST_CASE("engine: a worker that fails at any moment ends the run, and the others do not wait for it") {
    for (int moment = 1; moment <= 60; moment += 1 + moment / 8) {
        CAPTURE(moment);
        Lab lab(6);
        std::atomic<int> calls{0};
        lab.pause = [&] {
            if (++calls == moment) throw std::runtime_error("this worker fails");
        };
        auto run = std::async(std::launch::async, [&] { lab.run(2); });
        if (run.wait_for(60s) != std::future_status::ready) {
            MESSAGE("the run hangs"); // Its threads cannot be ended otherwise.
            std::abort();
        }
        CHECK_THROWS_WITH(run.get(), "this worker fails");
        lab.pause = nullptr;
        lab.ready.test.run(
            "UPDATE cti.source_state SET lease_token = NULL, lease_owner = '', lease_until = NULL");
        lab.run(2);
        CHECK(lab.count("public.articles") == "60");
    }
}

TEST_CASE(
    "engine: a lock on the rows of some sources holds up these alone, and they are recorded when it is gone") {
    Lab lab(12);
    db::Database other(lab.ready.test.address());
    std::optional<db::Transaction> holder(other);
    lab.ready.test.run("SELECT 1");
    std::atomic<bool> is_held{true};
    std::atomic<int> others{0};
    {
        // Two sources of twelve.
        store::update_source(
            *holder, lab.ready.schema,
            std::stoi(lab.ready.test.value("SELECT id FROM public.sources WHERE identifier = 'source0'")),
            make_spec("source0"), false);
        store::update_source(
            *holder, lab.ready.schema,
            std::stoi(lab.ready.test.value("SELECT id FROM public.sources WHERE identifier = 'source1'")),
            make_spec("source1"), false);
    }
    collect::Options options;
    options.selection.any_due = options.requests.allow_private = true;
    options.observer.on_result = [&](const collect::Outcome& outcome) {
        const auto& result = outcome.result;
        if (result.identifier == "source0" || result.identifier == "source1") {
            CHECK_FALSE(is_held);
            return;
        }
        if (++others < 10) return;
        is_held = false; // Only now that all others are done.
        holder.reset();
    };
    const auto report = collect::collect(lab.ready.database, lab.ready.schema, options, current_time());
    CHECK(report.results.size() == 12);
    CHECK(lab.count("public.source_checks WHERE success") == "12");
}
