#include "core/ops/init_database.hpp"
#include "core/store/record.hpp"
#include "core/store/web/sources.hpp"
#include "use_case.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
struct ResetCase {
    explicit ResetCase(Kind kind = Kind::empty) : database(kind), run(database) {
        options.no_sources = true;
        ops::init_database(run.environment, options);
        options.reset = true, options.confirm = database.name();
    }

    void store_article() const {
        db::Database connection(database.address());
        db::Transaction tx(connection);
        const auto schema = db::read_schema(tx);
        store::ArticleRecord record;
        record.source_id = store::insert_source(tx, schema, make_spec("first"));
        record.articles = {make_article(1)};
        record.articles[0].metadata_json = R"({"collector":"cti/1.0"})";
        store::record_import(tx, schema, record);
        tx.commit();
    }
    // Why it was refused; "": it was not.
    std::string refusal(ExitCode code) {
        const auto error = error_of([&] { ops::init_database(run.environment, options); });
        if (!error) return {};
        CHECK(error->code() == code);
        CHECK_FALSE(error->hint().empty());
        return error->what();
    }
    std::string articles() const { return database.value("SELECT count(*) FROM articles"); }

    TestDatabase database;
    UseCase run;
    ops::InitOptions options;
};
}

TEST_CASE("reset: what cti made is dropped and made anew, and what it dropped is told") {
    ResetCase test;
    test.store_article();
    test.database.run("ALTER TABLE cti.runs ADD COLUMN odd text");
    const auto result = ops::init_database(test.run.environment, test.options);
    CHECK(result.dropped.sources == 1);
    CHECK(result.dropped.articles == 1);
    CHECK(result.set_up.web_tables_created);
    CHECK(test.articles() == "0");
    CHECK(test.database.value("SELECT count(*) FROM cti.seen_entries") == "0");
    CHECK(
        test.database.value(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'cti.runs'::regclass AND attname = 'odd'") ==
        "0");
    test.store_article();
    CHECK(test.articles() == "1");
}

TEST_CASE("reset: an empty database is only set up") {
    TestDatabase database;
    UseCase run(database);
    ops::InitOptions options;
    options.no_sources = options.reset = true, options.confirm = database.name();
    CHECK(ops::init_database(run.environment, options).set_up.web_tables_created);
}

TEST_CASE("reset: without the database's name nothing is dropped") {
    ResetCase test;
    test.store_article();
    test.options.confirm.clear();
    CHECK(contains(test.refusal(ExitCode::usage), "--reset drops all that is in the database"));
    test.options.confirm = "other";
    CHECK(contains(test.refusal(ExitCode::usage), "--confirm names 'other'"));
    CHECK(test.articles() == "1");
    test.options.reset = false;
    CHECK(error_of([&] { ops::init_database(test.run.environment, test.options); })->code() ==
          ExitCode::usage);
}

TEST_CASE("reset: a dry run tells what would go, and drops nothing") {
    ResetCase test;
    test.store_article();
    test.options.dry_run = true, test.options.confirm.clear();
    CHECK(ops::init_database(test.run.environment, test.options).dropped.articles == 1);
    CHECK(test.articles() == "1");
}

TEST_CASE("reset: while others are at work it is refused, and they are named") {
    ResetCase test;
    test.store_article();
    db::Database other(test.database.address(), {}, "cti monitor");
    db::Transaction tx(other);
    CHECK(contains(test.refusal(ExitCode::locked), "': cti monitor ("));
    CHECK(test.articles() == "1");
}

TEST_CASE("reset: a database of the web service is refused, with and without its tables' keys") {
    for (const auto kind : web_kinds()) {
        CAPTURE(name_of(kind));
        ResetCase test(kind);
        CHECK(contains(test.refusal(ExitCode::schema), "tables that cti did not make: public.sources"));
        CHECK(test.articles() == "0");
    }
}

TEST_CASE("reset: anything that cti did not make is named, and nothing is dropped") {
    const std::pair<const char*, const char*> additions[] = {
        {"CREATE TABLE public.sigma_rules (id serial PRIMARY KEY)", "the table public.sigma_rules"},
        {"CREATE SCHEMA lab; CREATE VIEW lab.titles AS SELECT title FROM public.articles",
         "the view lab.titles"},
        {"CREATE TABLE cti.notes (id int)", "the table cti.notes"},
        {"CREATE SEQUENCE public.numbers", "the sequence public.numbers"},
        {"INSERT INTO public.app_settings (key, value) VALUES ('a', 'b')", "1 row of public.app_settings"},
        {"UPDATE public.articles SET article_metadata = '{}'", "1 article that cti did not store"},
        {"UPDATE public.sources SET identifier = 'manual'", "1 source of the web service itself"},
        {"DROP TABLE cti.migrations", "a schema cti that is somebody else's"}};
    for (const auto& [sql, words] : additions) {
        CAPTURE(sql);
        ResetCase test;
        test.store_article();
        test.database.run(sql);
        CHECK(contains(test.refusal(ExitCode::schema), words));
        CHECK(test.articles() == "1");
    }
}
