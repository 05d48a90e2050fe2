#include "core/ops/exports/export_articles.hpp"
#include "core/store/record.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;

namespace {
using Titles = std::vector<std::string>;

struct ExportCase {
    ExportCase() : run(ready.test) { store({make_article(1), make_article(2)}); }

    void store(const std::vector<Article>& articles) {
        store::CheckRecord record;
        record.source_id = ready.source_id;
        record.articles = articles;
        auto transaction = ready.begin();
        store::record_check(transaction, ready.schema, record);
        transaction.commit();
    }
    ops::ExportOptions to_file(const std::string& name) const {
        ops::ExportOptions options;
        options.output = folder / name;
        return options;
    }
    Titles exported(const ops::ExportOptions& options) {
        const auto result = ops::export_articles(run.environment, options);
        CHECK(result.is_complete);
        Titles titles;
        for (const auto& article : nlohmann::json::parse(content_of(options.output)))
            titles.push_back(article["title"]);
        CHECK(result.articles == std::ssize(titles));
        return titles;
    }

    Ready ready;
    UseCase run;
    TemporaryFolder folder;
};
}

TEST_CASE("export articles: a caller without a terminal gets the file, the number and a row of the run") {
    ExportCase test;
    CHECK(test.exported(test.to_file("all.json")) == Titles{"Report 2", "Report 1"});
    auto narrowed = test.to_file("one.json");
    narrowed.selection.query = "title:1";
    CHECK(test.exported(narrowed) == Titles{"Report 1"});
    CHECK(test.ready.test.value("SELECT sum(entries) FROM cti.runs WHERE command = 'export'") == "3");
    CHECK(test.run.warnings.empty());
}

TEST_CASE("export articles: a name hands out each article once") {
    ExportCase test;
    auto options = test.to_file("new.json");
    options.cursor = "siem";
    CHECK(test.exported(options) == Titles{"Report 2", "Report 1"});
    test.store({make_article(3)});
    CHECK(test.exported(options) == Titles{"Report 3"});
    CHECK(test.exported(options) == Titles{});
}

TEST_CASE("export articles: one that is stopped leaves no file and moves no cursor") {
    ExportCase test;
    auto options = test.to_file("new.json");
    options.cursor = "siem";
    test.run.stop = 15;
    CHECK_FALSE(ops::export_articles(test.run.environment, options).is_complete);
    CHECK(test.folder.is_empty());
    test.run.stop = 0;
    CHECK(test.exported(options) == Titles{"Report 2", "Report 1"});
}

TEST_CASE("export articles: options that do not fit are refused before the database is asked for") {
    ops::Environment nowhere;
    nowhere.connect = []() -> db::Database { throw std::logic_error("connected"); };
    const auto refused = [&](const ops::ExportOptions& options) {
        const auto error = error_of([&] { ops::export_articles(nowhere, options); });
        REQUIRE(error);
        CHECK(error->code() == ExitCode::usage);
        return std::string(error->what());
    };
    ops::ExportOptions options;
    options.format = "jsn";
    CHECK(refused(options) == "unknown format 'jsn'");
    options = {};
    options.types = {"ipv5"};
    CHECK(refused(options) == "--type: unknown type 'ipv5'");
    options = {};
    options.writer.defang = true;
    CHECK(refused(options) == "--defang does not go with --format json");
    options = {};
    options.cursor = "siem", options.selection.limit = 1;
    CHECK(refused(options) == "--new-since-last takes everything that is new");
}

TEST_CASE("export subscriptions: the sources that were named are in the list") {
    ExportCase test;
    auto options = test.to_file("feeds.opml");
    options.format = ops::k_subscriptions;
    options.selection.sources = {"first"};
    CHECK(ops::export_subscriptions(test.run.environment, options));
    CHECK(contains(content_of(options.output), "https://first.example/feed.xml"));
    options.selection.sources = {"frist"};
    const auto error = error_of([&] { ops::export_subscriptions(test.run.environment, options); });
    REQUIRE(error);
    CHECK(error->hint() == "Did you mean 'first'?");
}
