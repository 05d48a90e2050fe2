#include "../unit/net/loopback_server.hpp"
#include "core/collect/start_libraries.hpp"
#include "core/ops/collect_sources.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>

using namespace cti;
using net::test::LoopbackServer;

namespace {
net::test::Reply feed_of_two(const net::test::Hit&) {
    return net::test::reply(200, "<rss version=\"2.0\"><channel><title>T</title>"
                                 "<item><title>One</title><link>https://first.example/1</link></item>"
                                 "<item><title>Two</title><link>https://first.example/2</link></item>"
                                 "</channel></rss>");
}

struct CollectCase {
    CollectCase() : run(ready.test) {
        collect::start_libraries();
        ready.test.run("UPDATE sources SET rss_url = '" + server.url("/feed.xml") + "'");
        settings.fetch.allow_private = settings.no_pages = true;
        settings.workers = 1;
    }
    ops::CollectOptions options() const {
        ops::CollectOptions options;
        options.settings = settings;
        return options;
    }
    std::string count(const std::string& table) const {
        return ready.test.value("SELECT count(*) FROM " + table);
    }

    LoopbackServer server{feed_of_two};
    Ready ready;
    UseCase run;
    ops::CollectSettings settings;
};
}

TEST_CASE("collect sources: what is due is asked once, and the caller hears of each result") {
    CollectCase test;
    std::vector<std::size_t> begun;
    std::vector<std::string> results;
    ops::CollectObserver observer;
    observer.on_begin = [&](std::size_t sources) { begun.push_back(sources); };
    observer.on_result = [&](const collect::Outcome& outcome) {
        results.push_back(outcome.result.identifier);
    };
    const auto report = ops::collect_sources(test.run.environment, test.options(), observer);
    CHECK(results == std::vector<std::string>{"first"});
    REQUIRE(report.results.size() == 1);
    CHECK(report.results[0].entries == 2);
    CHECK(test.count("articles") == std::to_string(report.results[0].inserted));
    CHECK(ops::collect_sources(test.run.environment, test.options(), observer).results.empty());
    CHECK(begun == std::vector<std::size_t>{1, 0});
    CHECK(test.server.hits_of("/feed.xml") == 1);
}

TEST_CASE("collect sources: a dry run of a named source tells what would come, and stores nothing") {
    CollectCase test;
    auto options = test.options();
    options.sources = {"first"}, options.dry_run = true;
    const auto report = ops::collect_sources(test.run.environment, options);
    REQUIRE(report.results.size() == 1);
    CHECK(report.results[0].entries == 2);
    CHECK(test.count("articles") == "0");
    options.sources = {"frist"};
    const auto error = error_of([&] { ops::collect_sources(test.run.environment, options); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::usage);
    CHECK(error->hint() == "Did you mean 'first'?");
}

TEST_CASE("test source: each entry is explained, and nothing is stored") {
    CollectCase test;
    const auto outcome = ops::test_source(
        test.run.environment, {.settings = test.settings, .identifier = "first", .ignore_known = false});
    REQUIRE(outcome);
    CHECK(outcome->entries.size() == 2);
    CHECK(test.count("articles") == "0");
    CHECK(test.count("source_checks") == "0");
}

TEST_CASE("collect sources: what a killed run left is tidied also when no source is due") {
    CollectCase test;
    ops::collect_sources(test.run.environment, test.options());
    test.ready.test.run(
        "UPDATE cti.progress SET updated_at = updated_at - interval '61 minutes'; DELETE FROM cti.derived WHERE step = 'words'; "
        "INSERT INTO cti.simhashes (article_id, simhash) VALUES (1000, 1); "
        "INSERT INTO cti.derived (article_id, step, version) VALUES (1000, 'simhash', 1)");
    const auto report = ops::collect_sources(test.run.environment, test.options());
    CHECK(report.results.empty());
    CHECK(test.count("cti.simhashes WHERE article_id = 1000") == "0");
    CHECK(test.ready.test.value("SELECT coalesce(sum(articles), 0) FROM cti.word_segments") ==
          test.count("articles"));
}

TEST_CASE(
    "collect sources: words choose among the active sources, or among those that are named, due or not") {
    CollectCase test;
    auto options = test.options();
    ops::collect_sources(test.run.environment, options);
    options.query = " FIRST  feed.xml ";
    CHECK(ops::collect_sources(test.run.environment, options).results.size() == 1);
    options.sources = {"first"};
    CHECK(ops::collect_sources(test.run.environment, options).results.size() == 1);
    options.query = "first nowhere";
    const auto error = error_of([&] { ops::collect_sources(test.run.environment, options); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::usage);
    CHECK(std::string(error->what()) == "no source has the words 'first nowhere'");
    options.sources.clear(), options.query = "first";
    test.ready.test.run("UPDATE sources SET active = false");
    CHECK(error_of([&] { ops::collect_sources(test.run.environment, options); }));
}
