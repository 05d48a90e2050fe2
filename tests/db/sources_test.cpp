#include "core/db/migrate.hpp"
#include "core/store/record.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::db;
using namespace cti::store;
using nlohmann::json;

namespace {
Source get(Ready& ready, const char* identifier) {
    auto transaction = ready.begin();
    return find_source(transaction, ready.schema, identifier).value();
}
bool is_due(Ready& ready) {
    auto transaction = ready.begin();
    return !find_due(transaction, ready.schema).empty();
}
}

TEST_CASE("insert_source: what was written comes back, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto spec = make_spec("second");
        spec.check_frequency_s = 900;
        spec.active = false;
        spec.config_json = R"({"min_content_length":1000,"allow":["second.example"]})";
        {
            auto transaction = ready.begin();
            CHECK(insert_source(transaction, ready.schema, spec) > ready.source_id);
            transaction.commit();
        }
        const auto source = get(ready, "second");
        CHECK(source.name == "The second blog");
        CHECK(source.rss_url == "https://second.example/feed.xml");
        CHECK(source.check_frequency_s == 900);
        CHECK_FALSE(source.active);
        CHECK_FALSE(source.last_check);
        CHECK(source.lookback_days.has_value() == ready.schema.sources.has("lookback_days"));
        const auto config = json::parse(source.config_json);
        CHECK(config["min_content_length"] == 1000);
        CHECK(config["allow"] == json{"second.example"});
        // One row without these six keys empties the whole list of the web service of 2025.
        CHECK(config.contains("collection_days") == (ready.schema.generation != Generation::web_2026));
        if (ready.schema.sources.has("tier"))
            CHECK(ready.test.value("SELECT tier, weight FROM sources WHERE identifier = 'second'") == "3");
    }
}

TEST_CASE("insert_source: an identifier that is taken is refused, also where the unique index is gone") {
    for (const auto kind : {Kind::empty, Kind::web_2026_bare}) {
        Ready ready(kind);
        auto transaction = ready.begin();
        const auto error = error_of([&] { insert_source(transaction, ready.schema, make_spec("first")); });
        REQUIRE(error);
        CHECK(error->code() == ExitCode::usage);
        CHECK(contains(error->what(), "'first'"));
    }
}

TEST_CASE("insert_source: unknown NOT NULL columns get a neutral value, or are named") {
    TestDatabase test(Kind::web_2026);
    test.run(
        "ALTER TABLE sources ADD healing_exhausted boolean NOT NULL, ADD healing_attempts integer NOT NULL, "
        "ADD notes jsonb NOT NULL, ADD \"Odd name\" text NOT NULL, ADD seen timestamp NOT NULL, ADD labels text[] NOT NULL");
    Database database(test.address());
    set_up(database, "", false);
    {
        Transaction transaction(database);
        insert_source(transaction, read_schema(transaction), make_spec("a"));
        transaction.commit();
    }
    CHECK(
        test.value(
            "SELECT concat_ws('|', healing_exhausted, healing_attempts, notes, \"Odd name\", labels) FROM sources") ==
        "f|0|{}||{}");
    test.run(
        "ALTER TABLE sources ADD place point; UPDATE sources SET place = '(0,0)'; ALTER TABLE sources ALTER place SET NOT NULL");
    Transaction transaction(database);
    const auto error =
        error_of([&] { insert_source(transaction, read_schema(transaction), make_spec("b")); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::schema);
    CHECK(contains(error->what(), "public.sources.place"));
    CHECK(contains(error->what(), "point"));
}

TEST_CASE(
    "update_source: what the spec does not say stays, and so does what the operator set in the web service") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        ready.test.run(
            R"(UPDATE sources SET config = '{"check_frequency":60,"config":{"image_ocr_enabled":true,"allow":["a"],"rss_only":true}}')");
        SourceSpec spec;
        spec.name = "New name";
        spec.active = false;
        spec.config_json = R"({"image_ocr_enabled":false,"rss_only":false})";
        {
            auto transaction = ready.begin();
            update_source(transaction, ready.schema, ready.source_id, spec, false);
            transaction.commit();
        }
        const auto source = get(ready, "first");
        CHECK(source.name == "New name");
        CHECK(source.url == "https://first.example/");
        CHECK(source.rss_url == "https://first.example/feed.xml");
        CHECK(source.active);
        const auto config = json::parse(source.config_json);
        CHECK(config["image_ocr_enabled"] == true);
        CHECK(config["rss_only"] == false);
        CHECK(config["allow"] == json{"a"});
        CHECK_FALSE(config.contains("config"));

        spec.rss_url = "";
        auto transaction = ready.begin();
        update_source(transaction, ready.schema, ready.source_id, spec, true);
        transaction.commit();
        CHECK_FALSE(get(ready, "first").rss_url);
        CHECK_FALSE(get(ready, "first").active);
    }
}

TEST_CASE("list_sources: the web service's own rows are not shown, the others stand by identifier") {
    Ready ready(Kind::web_2026);
    ready.test.run(
        "INSERT INTO sources SELECT nextval('sources_id_seq'), i, i, u, NULL, 3600, 180, true, '{}', NULL, NULL, 0, 0, 0, now(), now() "
        "FROM (VALUES ('manual', 'manual://scraped'), ('eval_articles', 'https://x.example/'), ('other', 'ftp://x'), ('Abc', 'HTTPS://x')) v (i, u)");
    auto transaction = ready.begin();
    const auto sources = list_sources(transaction, ready.schema);
    REQUIRE(sources.size() == 2);
    CHECK(sources[0].identifier == "Abc");
    CHECK(sources[1].identifier == "first");
    CHECK_FALSE(find_source(transaction, ready.schema, "manual"));
    CHECK_FALSE(find_source(transaction, ready.schema, "nobody"));
}

TEST_CASE("find_due: active, and never checked or checked long enough ago by the zone of the tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        TestDatabase test(kind);
        Database first(test.address());
        set_up(first, "Asia/Tokyo", false);
        test.run("ALTER DATABASE " + test.name() + " SET timezone = 'America/New_York'"); // must not matter
        Database database(test.address());
        const auto due_after = [&](const std::string& last_check) {
            test.run("UPDATE sources SET last_check = (now() - interval '" + last_check +
                     "') AT TIME ZONE 'Asia/Tokyo'");
            Transaction transaction(database);
            return find_due(transaction, read_schema(transaction)).size() == 1;
        };
        {
            Transaction transaction(database);
            const auto schema = read_schema(transaction);
            auto spec = make_spec("a");
            spec.check_frequency_s = 3600;
            insert_source(transaction, schema, spec);
            CHECK(find_due(transaction, schema).size() == 1);
            transaction.commit();
        }
        CHECK(due_after("61 minutes"));
        CHECK_FALSE(due_after("59 minutes"));
        CHECK(due_after("-6 hours")); // in the future: written by a wrong clock
        test.run("UPDATE sources SET active = false");
        CHECK_FALSE(due_after("2 days"));
    }
}

TEST_CASE("set_active: turns a source off and on") {
    Ready ready(Kind::web_2025);
    CHECK(is_due(ready));
    auto transaction = ready.begin();
    set_active(transaction, ready.schema, ready.source_id, false);
    transaction.commit();
    CHECK_FALSE(is_due(ready));
}

TEST_CASE("remove_source: takes everything along that refers to it, with and without foreign keys") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const bool is_2025 = kind == Kind::web_2025 || kind == Kind::shared_2025;
        CheckRecord record;
        record.source_id = ready.source_id;
        record.articles = {make_article(1), make_article(2)};
        record.cursor = "what the kind remembers";
        {
            auto transaction = ready.begin();
            const int other = insert_source(transaction, ready.schema, make_spec("other"));
            record_check(transaction, ready.schema, record);
            record.source_id = other;
            record.articles = {make_article(3)};
            record_check(transaction, ready.schema, record);
            transaction.commit();
        }
        ready.test.run(
            "INSERT INTO simhash_buckets (bucket_id, simhash, article_id, first_seen) SELECT 1, 1, id, now() FROM articles");
        if (is_2025)
            ready.test.run(
                "INSERT INTO text_highlights (article_id, selected_text, start_offset, end_offset, is_huntable, created_at, updated_at) "
                "SELECT id, 'x', 0, 1, false, now(), now() FROM articles");
        else
            ready.test.run(
                "INSERT INTO article_annotations (article_id, annotation_type, selected_text, start_position, end_position, "
                "confidence_score, used_for_training, created_at, updated_at) SELECT id, 'huntable', 'x', 0, 1, 0, false, now(), now() "
                "FROM articles");
        // Tables that cti has never heard of, one after the other.
        const bool has_reviews = kind != Kind::web_2026_bare && kind != Kind::shared_2026_bare;
        if (has_reviews)
            ready.test.run(
                "CREATE TABLE public.reviews (id serial PRIMARY KEY, about integer REFERENCES articles, parent integer REFERENCES public.reviews);"
                "CREATE TABLE public.\"Review notes\" (review integer REFERENCES reviews);"
                "INSERT INTO reviews (about) SELECT id FROM articles; INSERT INTO \"Review notes\" SELECT id FROM reviews");
        auto transaction = ready.begin();
        const auto contents = count_contents(transaction, ready.source_id);
        CHECK(contents.articles == 2);
        CHECK(contents.checks == 1);
        std::string others;
        for (const auto& [table, rows] : contents.others) others += fmt::format("{} {}, ", table, rows);
        const std::string notes = has_reviews ? "\"Review notes\" 2, " : "",
                          reviews = has_reviews ? "reviews 2, " : "";
        CHECK(others ==
              notes + (is_2025 ? reviews + "text_highlights 2, " : "article_annotations 2, " + reviews));
        CHECK(remove_source(transaction, ready.source_id) == contents);
        transaction.commit();
        CHECK(ready.test.value("SELECT string_agg(identifier, ',') FROM sources") == "other");
        CHECK(ready.test.value("SELECT string_agg(title, ',') FROM articles") == "Report 3");
        for (const char* table : {"source_checks", "content_hashes", "simhash_buckets", "cti.source_state"})
            CHECK(ready.test.value(std::string("SELECT count(*) FROM ") + table) == "1");
    }
}
