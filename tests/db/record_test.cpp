#include "core/db/migrate.hpp"
#include "core/store/record.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <thread>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
CheckRecord make_record(const Ready& ready, int first, int last) {
    CheckRecord record;
    record.source_id = ready.source_id;
    record.articles_found = last - first + 1;
    record.response_time_s = 0.5;
    for (int i = last; i >= first; --i) record.articles.push_back(make_article(i)); // newest first
    return record;
}
Recorded commit(Ready& ready, const CheckRecord& record) {
    auto transaction = ready.begin();
    auto recorded = record_check(transaction, ready.schema, record);
    transaction.commit();
    return recorded;
}
}

TEST_CASE("record_check: the row holds what the article says, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto article = make_article(1);
        CHECK(commit(ready, make_record(ready, 1, 1)).count == 1);
        const auto& test = ready.test;
        CHECK(test.value("SELECT canonical_url FROM articles") == article.url);
        CHECK(test.value("SELECT content FROM articles") == article.content);
        CHECK(test.value("SELECT content_hash FROM articles") == article.hashes[0]);
        CHECK(test.value("SELECT simhash FROM articles") == "13362634815750784403");
        CHECK(test.value("SELECT simhash_bucket FROM articles") == "3");
        CHECK(test.value("SELECT published_at FROM articles") == "2026-03-08 08:30:00");
        CHECK(test.value("SELECT modified_at FROM articles") == "NULL");
        CHECK(test.value("SELECT authors::jsonb ->> 1 FROM articles") == "Łukasz \"L\" O'Neil");
        CHECK(test.value("SELECT tags::jsonb ->> 1 FROM articles") == "C:\\Windows");
        CHECK(test.value("SELECT article_metadata::jsonb -> 'threat_hunting_score' FROM articles") == "31.5");
        CHECK(test.value("SELECT processing_status || word_count FROM articles") == "pending14");
        CHECK(
            test.value(
                "SELECT abs(extract(epoch FROM discovered_at - now() AT TIME ZONE 'UTC')) < 60 FROM articles") ==
            "t");
        if (ready.schema.articles.has("archived")) {
            CHECK(test.value("SELECT archived FROM articles") == "f");
            CHECK(test.value("SELECT summary FROM articles") == "In short");
            CHECK(test.value("SELECT embedding_model || coalesce(embedding::text, '-') FROM articles") ==
                  "all-mpnet-base-v2-");
        }
        CHECK(test.value(
                  "SELECT h.content_hash FROM content_hashes h JOIN articles a ON a.id = h.article_id") ==
              article.hashes[0]);
    }
}

TEST_CASE("record_check: one check makes one row, and health and counters of the source") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto record = make_record(ready, 1, 3);
        record.metadata_json = R"({"filtered":{"title":2}})";
        commit(ready, record);
        const auto& test = ready.test;
        CHECK(
            test.value(
                "SELECT concat_ws('|', success, method, articles_found, response_time, error_message, check_metadata) FROM source_checks") ==
            "t|rss|3|0.5|{\"filtered\":{\"title\":2}}");
        CHECK(
            test.value(
                "SELECT concat_ws('|', total_articles, consecutive_failures, average_response_time, last_check = last_success) "
                "FROM sources") == "3|0|0.5|t");
        CheckRecord failed;
        failed.source_id = ready.source_id;
        failed.success = false;
        failed.method = CheckMethod::all_failed;
        failed.error = std::string("HTTP 500\0 gone", 14);
        failed.response_time_s = 1.5;
        commit(ready, failed);
        commit(ready, failed);
        CHECK(
            test.value(
                "SELECT concat_ws('|', total_articles, consecutive_failures, average_response_time, last_check >= last_success) "
                "FROM sources") == "3|2|1.25|t");
        CHECK(test.value("SELECT error_message FROM source_checks ORDER BY id DESC") == "HTTP 500 gone");
        commit(ready, make_record(ready, 4, 4));
        auto transaction = ready.begin();
        const auto source = find_source(transaction, ready.schema, "first").value();
        CHECK(source.consecutive_failures == 0);
        CHECK(source.total_articles == 4);
        CHECK(source.last_success == source.last_check);
        const auto checks = recent_checks(transaction, ready.schema, ready.source_id, 3);
        REQUIRE(checks.size() == 3);
        CHECK(checks[0].success);
        CHECK(checks[0].time == source.last_check);
        CHECK(checks[1].error == "HTTP 500 gone");
    }
}

TEST_CASE("record_check: the same articles again, or the same text under another address, are stored once") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        CHECK(commit(ready, make_record(ready, 1, 5)).count == 5);
        auto again = make_record(ready, 1, 6);
        const auto recorded = commit(ready, again);
        CHECK(recorded.count == 1);
        CHECK(recorded.inserted == std::vector<bool>{true, false, false, false, false, false});
        CHECK(recorded.refused.empty());
        // The web service may have stored the text by any of its three formulas.
        for (int formula = 0; formula < 3; ++formula) {
            auto moved = make_record(ready, 1, 1);
            moved.articles[0].url = "https://elsewhere.example/" + std::to_string(formula);
            moved.articles[0].hashes = make_article(50 + formula).hashes;
            moved.articles[0].hashes[static_cast<std::size_t>(formula)] = make_article(3).hashes[0];
            CHECK(commit(ready, moved).count == 0);
        }
        CHECK(ready.test.value("SELECT count(*) FROM articles") == "6");
        CHECK(ready.test.value("SELECT count(*) FROM content_hashes") == "6");
    }
}

TEST_CASE("record_check: within one batch the first of two with the same address or text is kept") {
    Ready ready(Kind::web_2026_bare);
    auto record = make_record(ready, 1, 3);
    record.articles[1].url = record.articles[0].url;
    record.articles[2].hashes[2] = record.articles[0].hashes[1];
    const auto recorded = commit(ready, record);
    CHECK(recorded.inserted == std::vector<bool>{true, false, false});
    CHECK(recorded.refused.empty());
}

TEST_CASE("record_check: ids grow with the time of publication") {
    Ready ready;
    commit(ready, make_record(ready, 1, 20));
    CHECK(
        ready.test.value(
            "SELECT string_agg(title, ',' ORDER BY id) = string_agg(title, ',' ORDER BY published_at) FROM articles") ==
        "t");
}

TEST_CASE("record_check: one article that the database refuses does not lose the others") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        ready.test.run("ALTER TABLE articles ADD CONSTRAINT no_sixes CHECK (title <> 'Report 6')");
        auto record = make_record(ready, 1, 10);
        record.articles[1].metadata_json = "{broken"; // number 9
        const auto recorded = commit(ready, record);
        CHECK(recorded.count == 8);
        REQUIRE(recorded.refused.size() == 2);
        CHECK(recorded.refused[0].first == 1);
        CHECK(contains(recorded.refused[0].second, "json"));
        CHECK(recorded.refused[1].first == 4);
        CHECK(contains(recorded.refused[1].second, "no_sixes"));
        CHECK(ready.test.value("SELECT count(*) FROM articles") == "8");
        CHECK(ready.test.value("SELECT count(*) FROM source_checks") == "1");
        CHECK(ready.test.value("SELECT total_articles FROM sources") == "8");
        CHECK(
            ready.test.value(
                "SELECT string_agg(title, ',' ORDER BY id) = string_agg(title, ',' ORDER BY published_at) FROM articles") ==
            "t");
    }
}

TEST_CASE("record_check: an empty title or text is refused by its name") {
    Ready ready;
    auto record = make_record(ready, 1, 2);
    record.articles[0].title.clear();
    const auto recorded = commit(ready, record);
    CHECK(recorded.count == 1);
    REQUIRE(recorded.refused.size() == 1);
    CHECK(contains(recorded.refused[0].second, "title"));
}

TEST_CASE("record_check: an address that is too long for the index is refused, the others are stored") {
    Ready ready;
    auto record = make_record(ready, 1, 3);
    for (int i = 0; i < 200; ++i) record.articles[1].url += make_article(i).hashes[0]; // does not compress
    const auto recorded = commit(ready, record);
    CHECK(recorded.count == 2);
    REQUIRE(recorded.refused.size() == 1);
    CHECK(contains(recorded.refused[0].second, "index row"));
}

TEST_CASE("record_check: an index that takes the score for an integer is named") {
    Ready ready(Kind::web_2025);
    ready.test.run(
        "CREATE INDEX idx_score ON articles (((article_metadata ->> 'threat_hunting_score')::int))");
    const auto recorded = commit(ready, make_record(ready, 1, 1));
    CHECK(recorded.count == 0);
    REQUIRE(recorded.refused.size() == 1);
    CHECK(contains(recorded.refused[0].second, "idx_score"));
    CHECK(contains(recorded.refused[0].second, "31.5"));
}

TEST_CASE("record_check: a sequence that is behind its rows is reported, not taken for duplicates") {
    Ready ready(Kind::web_2026);
    commit(ready, make_record(ready, 1, 3));
    ready.test.run("SELECT setval('articles_id_seq', 1, false)");
    const auto recorded = commit(ready, make_record(ready, 4, 4));
    CHECK(recorded.count == 0);
    REQUIRE(recorded.refused.size() == 1);
    CHECK(contains(recorded.refused[0].second, "setval"));
}

TEST_CASE("record_check: a column 'id' that lost its default is named") {
    Ready ready(Kind::web_2026);
    ready.test.run("ALTER TABLE articles ALTER id DROP DEFAULT");
    auto transaction = ready.begin();
    const auto schema = read_schema(transaction);
    const auto error = error_of([&] { record_check(transaction, schema, make_record(ready, 1, 1)); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::schema);
    CHECK(contains(error->what(), "public.articles"));
}

TEST_CASE("record_check: hostile text arrives as it is, without NUL and as valid UTF-8") {
    Ready ready(Kind::web_2026);
    auto record = make_record(ready, 1, 1);
    auto& article = record.articles[0];
    article.title = "{\"a\",NULL,\\x};'); DROP TABLE articles; -- $1 %s \xF0\x9F\x98\x80";
    article.content = std::string("a\0b\xFF\xC3", 5) + "\\\"{},'";
    article.authors = {std::string("N\0L", 3), "\xC3"};
    article.metadata_json = R"({"a":"x\u0000y\\u0000","threat_hunting_score":1.0})";
    CHECK(commit(ready, record).count == 1);
    CHECK(ready.test.value("SELECT title FROM articles") == article.title);
    CHECK(ready.test.value("SELECT content FROM articles") == "ab\uFFFD\uFFFD\\\"{},'");
    CHECK(ready.test.value("SELECT authors::jsonb ->> 0 FROM articles") == "NL");
    CHECK(ready.test.value("SELECT article_metadata ->> 'a' FROM articles") == "xy\\u0000");
}

TEST_CASE("record_check: dates that Python cannot hold are brought to the nearest that it can") {
    Ready ready;
    auto record = make_record(ready, 1, 2);
    record.articles[0].published_at = Time::max();
    record.articles[1].published_at = Time::min();
    CHECK(commit(ready, record).count == 2);
    CHECK(ready.test.value("SELECT max(published_at) FROM articles") == "9999-12-30 00:00:00");
    CHECK(ready.test.value("SELECT min(published_at) FROM articles") == "0001-01-02 00:00:00");
}

TEST_CASE("record_check: times stand in the zone of the tables whatever the session's zone is") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        TestDatabase test(kind);
        test.run("ALTER DATABASE " + test.name() + " SET timezone = 'Asia/Kolkata'");
        Database database(test.address());
        set_up(database, "America/New_York", false);
        Transaction transaction(database);
        const auto schema = read_schema(transaction);
        CheckRecord record;
        record.source_id = insert_source(transaction, schema, make_spec("a"));
        record.articles = {make_article(0)};
        record_check(transaction, schema, record);
        transaction.commit();
        // 07:30 UTC on the day on which New York's clocks go from 02:00 to 03:00.
        CHECK(test.value("SELECT published_at FROM articles") == "2026-03-08 03:30:00");
        CHECK(
            test.value(
                "SELECT abs(extract(epoch FROM check_time - now() AT TIME ZONE 'America/New_York')) < 60 FROM source_checks") ==
            "t");
        CHECK(
            test.value(
                "SELECT abs(extract(epoch FROM last_check - now() AT TIME ZONE 'America/New_York')) < 60 FROM sources") ==
            "t");
    }
}

TEST_CASE(
    "record_check: hand-migrated columns (bigint simhash, jsonb, timestamptz, NOT NULL summary) are filled as they are") {
    TestDatabase test(Kind::web_2026);
    test.run(
        "ALTER TABLE articles ALTER simhash TYPE bigint, ALTER authors TYPE jsonb, ALTER article_metadata TYPE jsonb, "
        "ALTER summary SET NOT NULL, ALTER published_at TYPE timestamptz, ALTER content_hash TYPE char(64), ADD rating real NOT NULL");
    test.run("ALTER TABLE articles ALTER content_hash TYPE varchar(64)");
    test.run(
        "ALTER TABLE sources ALTER last_check TYPE timestamptz, ALTER last_success TYPE timestamptz, ALTER created_at TYPE timestamptz, "
        "ALTER updated_at TYPE timestamptz");
    test.run("ALTER TABLE source_checks ALTER check_time TYPE timestamptz");
    Database database(test.address());
    set_up(database, "", false);
    Transaction transaction(database);
    const auto schema = read_schema(transaction);
    CheckRecord record;
    record.source_id = insert_source(transaction, schema, make_spec("a"));
    record.articles = {make_article(1)};
    record.articles[0].summary.reset();
    CHECK(record_check(transaction, schema, record).count == 1);
    CHECK(recent_checks(transaction, schema, record.source_id, 5).size() == 1);
    CHECK(find_source(transaction, schema, "a").value().last_check);
    CHECK(find_due(transaction, schema).empty());
    transaction.commit();
    CHECK(test.value("SELECT simhash FROM articles") == "-5084109257958767213");
    CHECK(test.value("SELECT published_at AT TIME ZONE 'UTC' FROM articles") == "2026-03-08 08:30:00");
    CHECK(test.value("SELECT concat(summary, '|', rating) FROM articles") == "|0");
}

TEST_CASE("record_check: a source that was deleted meanwhile stores nothing and says so") {
    Ready ready(Kind::web_2026_bare);
    auto record = make_record(ready, 1, 2);
    record.source_id = 4711;
    const auto recorded = commit(ready, record);
    CHECK(recorded.count == 0);
    CHECK(recorded.refused.size() == 2);
    CHECK(contains(recorded.refused[0].second, "deleted"));
    CHECK(ready.test.value("SELECT count(*) FROM source_checks") == "0");
}

TEST_CASE("record_check: whoever dies before the commit has recorded nothing") {
    Ready ready;
    {
        auto transaction = ready.begin();
        CHECK(record_check(transaction, ready.schema, make_record(ready, 1, 5)).count == 5);
    }
    CHECK(ready.test.value("SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM source_checks)") ==
          "0");
    CHECK(commit(ready, make_record(ready, 1, 5)).count == 5);
}

TEST_CASE("record_check: collectors at the same moment store everything exactly once") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto record = make_record(ready, 1, 40);
        std::vector<int> counts(4);
        std::vector<std::thread> threads;
        for (auto& count : counts)
            threads.emplace_back([&ready, &record, &count] {
                Database database(ready.test.address());
                with_retry(database, [&](Transaction& transaction) {
                    count = record_check(transaction, ready.schema, record).count;
                });
            });
        for (auto& thread : threads) thread.join();
        CHECK(counts[0] + counts[1] + counts[2] + counts[3] == 40);
        CHECK(ready.test.value("SELECT count(*) FROM articles") == "40");
        CHECK(ready.test.value("SELECT count(DISTINCT canonical_url) FROM articles") == "40");
        CHECK(ready.test.value("SELECT total_articles FROM sources") == "40");
        CHECK(ready.test.value("SELECT count(*) FROM source_checks") == "4");
    }
}

TEST_CASE("find_known_urls: tells what is stored, archived rows too") {
    Ready ready(Kind::web_2026);
    commit(ready, make_record(ready, 1, 2));
    ready.test.run("UPDATE articles SET archived = true");
    auto transaction = ready.begin();
    const auto known = find_known_urls(
        transaction, {make_article(1).url, "https://x.example/,\"{}\\", make_article(2).url, ""});
    CHECK(known[0].value() != known[2].value());
    CHECK(std::to_string(known[0].value()) ==
          ready.test.value("SELECT id FROM articles WHERE title = 'Report 1'"));
    CHECK_FALSE(known[1]);
    CHECK_FALSE(known[3]);
    CHECK(find_known_urls(transaction, {}).empty());
}

TEST_CASE("record_check: more text than one statement takes is stored all the same") {
    Ready ready;
    auto record = make_record(ready, 1, 5);
    for (auto& article : record.articles) article.content.append(5 << 20, 'x');
    CHECK(commit(ready, record).count == 5);
    CHECK(ready.test.value("SELECT min(length(content)) > 5000000 FROM articles") == "t");
}
