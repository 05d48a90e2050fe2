#include "core/ops/sources/move_sources.hpp"
#include "core/ops/sources/source_changes.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
struct SourcesCase {
    SourcesCase() : run(ready.test) {}
    std::string identifiers() const {
        return ready.test.value("SELECT string_agg(identifier, ',' ORDER BY identifier) FROM sources");
    }

    Ready ready;
    UseCase run;
    TemporaryFolder folder;
};
ops::SourceOptions make_options(const std::string& identifier) {
    ops::SourceOptions options;
    options.spec = make_spec(identifier);
    return options;
}
}

TEST_CASE("source changes: a source is added, edited, switched off and removed without a terminal") {
    SourcesCase test;
    const auto& environment = test.run.environment;
    CHECK(ops::add_source(environment, make_options("second")) > 0);
    CHECK(test.identifiers() == "first,second");
    ops::SourceOptions edit;
    edit.spec.identifier = "second", edit.check_frequency = "30m";
    const auto changes = ops::edit_source(environment, edit);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].field == "check_frequency");
    CHECK(changes[0].after == "1800");
    CHECK_FALSE(ops::switch_sources(environment, {"second"}, false).at(0).was_already);
    CHECK(ops::switch_sources(environment, {"second"}, false).at(0).was_already);
    const auto refuse = [](const Source&, const store::SourceContents&) { return false; };
    CHECK_FALSE(ops::remove_source(environment, {.identifier = "second", .may_remove = refuse}));
    CHECK(test.identifiers() == "first,second");
    CHECK(ops::remove_source(environment, {.identifier = "second", .may_remove = {}}));
    CHECK(test.identifiers() == "first");
}

TEST_CASE("source changes: rows of a table that nobody was told of keep a source from being removed") {
    SourcesCase test;
    const auto& database = test.ready.test;
    database.run("CREATE TABLE public.reviews (source integer REFERENCES sources)");
    const auto agree = [&](const Source&, const store::SourceContents& contents) {
        CHECK(contents.others.empty());
        database.run("INSERT INTO reviews SELECT id FROM sources");
        return true;
    };
    const auto remove = [&] {
        ops::remove_source(test.run.environment, {.identifier = "first", .may_remove = agree});
    };
    const auto error = error_of(remove);
    REQUIRE(error);
    CHECK(std::string(error->what()) ==
          "rows of reviews have come to refer to the source meanwhile: nothing was removed");
    CHECK(database.value("SELECT (SELECT count(*) FROM sources) + (SELECT count(*) FROM reviews)") == "2");
}

TEST_CASE("source changes: of several to be switched an unknown one leaves all as they are") {
    SourcesCase test;
    const auto error = error_of([&] {
        ops::switch_sources(test.run.environment, {"first", "frist"}, false);
    });
    REQUIRE(error);
    CHECK(error->hint() == "Did you mean 'first'?");
    CHECK(test.ready.test.value("SELECT active FROM sources") == "t");
}

TEST_CASE("source changes: what sources.yaml may not say is refused before the database is asked for") {
    ops::Environment nowhere;
    nowhere.connect = []() -> db::Database { throw std::logic_error("connected"); };
    auto options = make_options("a b");
    const auto message = [&] {
        return std::string(error_of([&] { ops::add_source(nowhere, options); })->what());
    };
    CHECK(contains(message(), "the id"));
    options = make_options("second"), options.check_frequency = "soon";
    CHECK(message() == "--check-frequency: 'soon' is no duration");
    ops::SourceOptions nothing;
    nothing.spec.identifier = "first";
    const auto error = error_of([&] { ops::edit_source(nowhere, nothing); });
    REQUIRE(error);
    CHECK(std::string(error->what()) == "nothing to change");
}

TEST_CASE("move sources: what is exported as OPML is known when it is imported") {
    SourcesCase test;
    const auto file = test.folder / "feeds.opml";
    const auto written = ops::export_sources(
        test.run.environment,
        {.path = file, .format = ops::SourceExportOptions::Format::opml, .only_active = false});
    CHECK(written.written == 1);
    CHECK(written.without_feed == 0);
    auto result = ops::import_sources(test.run.environment, {.path = file});
    CHECK(result.known == std::vector<std::string>{"https://first.example/feed.xml"});
    CHECK(result.difference.added.empty());
    ops::remove_source(test.run.environment, {.identifier = "first", .may_remove = {}});
    result = ops::import_sources(test.run.environment, {.path = file});
    CHECK(result.known.empty());
    CHECK(result.difference.added.size() == 1);
}

TEST_CASE("move sources: what is exported as YAML differs in nothing from the database") {
    SourcesCase test;
    const auto file = test.folder / "sources.yaml";
    ops::SourceExportOptions options;
    options.path = file;
    CHECK(ops::export_sources(test.run.environment, options).written == 1);
    const auto difference = ops::diff_sources(test.run.environment, file);
    CHECK(difference.unchanged == std::vector<std::string>{"first"});
    CHECK(difference.added.empty());
    CHECK(difference.changed.empty());
}
