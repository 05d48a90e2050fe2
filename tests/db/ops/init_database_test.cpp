#include "core/ops/init_database.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
const char* const k_two_sources = R"(sources:
  - id: one
    name: One
    url: https://one.example/
    rss_url: https://one.example/feed.xml
  - id: two
    name: Two
    url: https://two.example/
)";

struct InitCase {
    explicit InitCase(Kind kind = Kind::empty) : database(kind), run(database) {
        options.sources_config = folder / "sources.yaml";
    }

    void write(const std::string& text) const { std::ofstream(options.sources_config) << text; }
    std::string active() const {
        return database.value(
            "SELECT string_agg(identifier, ',' ORDER BY identifier) FROM sources WHERE active");
    }

    TestDatabase database;
    UseCase run;
    TemporaryFolder folder;
    ops::InitOptions options;
};
}

TEST_CASE("init database: a dry run makes nothing and tells all; the next run makes it") {
    InitCase test;
    test.write(k_two_sources);
    test.options.dry_run = true;
    auto result = ops::init_database(test.run.environment, test.options);
    CHECK(result.set_up.web_tables_created);
    CHECK(result.difference.added.size() == 2);
    CHECK(test.database.value("SELECT to_regclass('public.sources')") == "NULL");
    test.options.dry_run = false;
    result = ops::init_database(test.run.environment, test.options);
    CHECK(result.has_sources);
    CHECK_FALSE(result.set_up.migrations.empty());
    CHECK(test.active() == "one,two");
}

TEST_CASE("init database: on tables of 2026 operators decide how often a source is checked") {
    InitCase test(Kind::web_2026);
    const std::string file = std::string(k_two_sources) + R"(    check_frequency: 7200
    lookback_days: 30
    config:
      robots:
        user_agent: File/1
)";
    test.write(file);
    ops::init_database(test.run.environment, test.options);
    const auto two = [&] {
        return test.database.value("SELECT check_frequency || ' ' || lookback_days || ' ' || "
                                   "(config::jsonb -> 'robots' ->> 'user_agent') "
                                   "FROM sources WHERE identifier = 'two'");
    };
    CHECK(two() == "7200 30 File/1");
    test.database.run("UPDATE sources SET check_frequency = 900, lookback_days = 5, "
                      "config = replace(config::text, 'File/1', 'Service/2')::json "
                      "WHERE identifier = 'two'");
    CHECK(ops::init_database(test.run.environment, test.options).difference.changed.empty());
    CHECK(two() == "900 5 Service/2");
    test.options.sync_schedule = true;
    CHECK(ops::init_database(test.run.environment, test.options).difference.changed.size() == 1);
    CHECK(two() == "7200 30 Service/2");
}

TEST_CASE("init database: pruning disables what the file does not name, and refuses a file without sources") {
    InitCase test;
    test.write(k_two_sources);
    ops::init_database(test.run.environment, test.options);
    test.write(std::string(k_two_sources).substr(0, std::string_view(k_two_sources).find("  - id: two")));
    test.options.prune = true;
    const auto result = ops::init_database(test.run.environment, test.options);
    CHECK(result.difference.missing.size() == 1);
    CHECK(test.active() == "one");
    test.write("sources: []\n");
    const auto error = error_of([&] { ops::init_database(test.run.environment, test.options); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::usage);
    CHECK(test.active() == "one");
}

TEST_CASE("init database: each error of a file is reported before the one that ends it") {
    InitCase test;
    test.write("sources:\n  - id: one\n  - id: two\n");
    std::vector<std::string> errors;
    test.run.environment.on_error = [&](const std::string& message) { errors.push_back(message); };
    const auto error = error_of([&] { ops::init_database(test.run.environment, test.options); });
    REQUIRE(error);
    CHECK(errors.size() > 1);
    CHECK(contains(error->what(), "it has " + std::to_string(errors.size()) + " errors"));
    CHECK(test.database.value("SELECT to_regclass('public.sources')") == "NULL");
}

TEST_CASE("init database: one that is stopped has done nothing") {
    InitCase test;
    test.write(k_two_sources);
    test.run.stop = 15;
    CHECK(ops::init_database(test.run.environment, test.options).is_stopped);
    CHECK(test.database.value("SELECT to_regclass('public.sources')") == "NULL");
}
