#include "core/collect/backfill.hpp"
#include "core/db/migrate.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/store/own/derived.hpp"
#include "core/store/own/orphans.hpp"
#include "core/store/own/progress.hpp"
#include "core/store/record.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
const pipeline::Intelligence& intelligence() {
    static const pipeline::Intelligence made(
        intel::Extractor(), intel::parse_lexicon(intel::default_lexicon(), Generation::web_2025, "x"),
        intel::parse_lexicon(intel::default_lexicon(), Generation::web_2026, "x"));
    return made;
}
pipeline::StepTools tools_of(const Schema& schema) {
    return {&intelligence(), schema.generation == Generation::web_2025};
}

// As a check stores it.
void store_collected(Ready& ready, std::vector<Article> articles) {
    CheckRecord record;
    record.source_id = ready.source_id;
    for (auto& article : articles) {
        article.content = article.title + ": its words are found here, and it calls evil[.]example[.]com.";
        article.metadata_json = R"({"collector":"cti/1.0"})";
        pipeline::run_steps(tools_of(ready.schema), article);
    }
    record.articles = std::move(articles);
    auto transaction = ready.begin();
    record_check(transaction, ready.schema, record);
    transaction.commit();
}

// As the web service stores it: cti has made nothing of it.
void store_as_the_service(Ready& ready, int first, int count) {
    std::vector<Article> articles;
    for (int i = first; i < first + count; ++i) {
        articles.push_back(make_article(i));
        articles.back().content += " It calls other[.]example[.]net.";
        articles.back().metadata_json = R"({"threat_hunting_score":77})";
        articles.back().simhash = static_cast<std::uint64_t>(i) << 32;
        articles.back().word_count = 100;
    }
    CheckRecord record;
    record.source_id = ready.source_id;
    record.articles = std::move(articles);
    auto transaction = ready.begin();
    record_check(transaction, ready.schema, record);
    transaction.commit();
    ready.test.run("DELETE FROM cti.simhashes; DELETE FROM cti.near_duplicates");
}

long pending(Ready& ready, const pipeline::Step& step) {
    auto transaction = ready.begin();
    return count_pending(transaction, ready.schema, collect::done_by(step));
}
PendingBatch read_pending(Ready& ready, const StepDone& step) {
    auto transaction = ready.begin();
    return find_pending(transaction, ready.schema, step, StepReads::text, 0, 100);
}
// Of each step, in the order of their table.
std::string all_pending(Ready& ready) {
    std::string counts;
    for (const auto& step : pipeline::steps())
        counts += fmt::format("{}{}", counts.empty() ? "" : ",", pending(ready, step));
    return counts;
}
long backfill(Ready& ready, std::string_view step, collect::BackfillOptions options = {}) {
    return collect::backfill(ready.database, ready.schema, pipeline::get_step(step), tools_of(ready.schema),
                             options)
        .done;
}
constexpr const char* k_nothing = "0,0,0,0";
// As after the next run, which brings what was stored into the search index.
void store_and_index(Ready& ready, std::vector<Article> articles) {
    store_collected(ready, std::move(articles));
    backfill(ready, "words");
}
}

TEST_CASE("derived: of what cti stores nothing is left to be made, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_collected(ready, {make_article(1), make_article(2)});
        CHECK(all_pending(ready) == "0,0,2,0"); // the search index comes later
        CHECK(ready.test.value("SELECT string_agg(DISTINCT step, ',' ORDER BY step) FROM cti.derived") ==
              "indicators,score,simhash,words");
    }
}

TEST_CASE("backfill: makes each step of what the web service stored, and scores only what cti stored") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_collected(ready, {make_article(1)});
        store_as_the_service(ready, 10, 5);
        CHECK(all_pending(ready) == "5,5,6,5");
        for (const auto& step : pipeline::steps())
            CHECK(backfill(ready, step.name) == (step.in_article_transaction ? 5 : 6));
        CHECK(all_pending(ready) == k_nothing);
        for (const auto& step : pipeline::steps()) CHECK(backfill(ready, step.name) == 0);
        CHECK(ready.test.value("SELECT count(*) FROM cti.indicators WHERE value = 'other.example.net'") ==
              "5");
        CHECK(ready.test.value("SELECT sum(articles) FROM cti.word_segments") == "6");
        CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "5");
        CHECK(ready.test.value(
                  "SELECT count(*) FROM articles WHERE article_metadata->>'threat_hunting_score' = '77' "
                  "AND article_metadata->>'lolbas_matches' IS NULL") == "5");
    }
}

TEST_CASE("backfill: a text that has changed is read again") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_and_index(ready, {make_article(1), make_article(2)});
        ready.test.run(
            "UPDATE articles SET content = 'rundll32.exe came from new[.]example[.]org', content_hash = repeat('a', 64), "
            "article_metadata = (article_metadata::jsonb || '{\"kept\":1}')::json WHERE title = 'Report 1'");
        const auto before =
            ready.test.value("SELECT article_metadata FROM articles WHERE title = 'Report 2'");
        CHECK(all_pending(ready) == "1,1,1,1");
        for (const auto& step : pipeline::steps()) CHECK(backfill(ready, step.name) == 1);
        CHECK(
            ready.test.value(
                "SELECT string_agg(i.value, ',' ORDER BY i.value) FROM cti.indicators i JOIN articles a ON a.id = i.article_id "
                "WHERE a.title = 'Report 1' AND i.type = 'domain'") == "new.example.org");
        CHECK(ready.test.value("SELECT article_metadata->>'kept' FROM articles WHERE title = 'Report 1'") ==
              "1");
        CHECK(ready.test.value("SELECT article_metadata FROM articles WHERE title = 'Report 2'") == before);
        CHECK(all_pending(ready) == k_nothing);
    }
}

TEST_CASE(
    "backfill: mends the words of a score that is still cti's, and leaves what somebody else has scored") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_and_index(ready, {make_article(1), make_article(2)});
        ready.test.run(
            "UPDATE articles SET article_metadata = (article_metadata::jsonb || '{\"lolbas_matches\":[\"x\"],\"kept\":1}')::json;"
            "UPDATE articles SET article_metadata = (article_metadata::jsonb || '{\"threat_hunting_score\":99}')::json WHERE title = 'Report 2';"
            "UPDATE cti.derived SET version = 0 WHERE step = 'score'");
        CHECK(backfill(ready, "score") == 2);
        CHECK(
            ready.test.value(
                "SELECT string_agg(concat(article_metadata->>'lolbas_matches', article_metadata->>'kept'), ' ' ORDER BY title) FROM articles") ==
            "[]1 [\"x\"]1");
        CHECK(all_pending(ready) == k_nothing);
    }
}

TEST_CASE("backfill: --again makes everything again, and the same") {
    Ready ready;
    store_and_index(ready, {make_article(1), make_article(2)});
    const auto stored = [&] {
        return ready.test.value(
            "SELECT string_agg(concat(a.xmin, a.article_metadata, i.value, i.start_offset), ';' ORDER BY a.id, i.position) "
            "FROM articles a JOIN cti.indicators i ON i.article_id = a.id");
    };
    const auto before = stored();
    collect::BackfillOptions options;
    options.again = true;
    for (const auto& step : pipeline::steps()) CHECK(backfill(ready, step.name, options) == 2);
    CHECK(stored() == before); // Not even a row of public.articles was written.
    CHECK(all_pending(ready) == k_nothing);
}

TEST_CASE("backfill: what is stopped goes on where it was") {
    Ready ready;
    store_as_the_service(ready, 10, 9);
    for (const auto& step : pipeline::steps()) {
        if (step.reads == StepReads::fingerprint) continue;
        std::atomic<int> stop = 0;
        collect::BackfillOptions options;
        options.batch = 2;
        options.stop = &stop;
        options.on_progress = [&](const collect::BackfillProgress&) { stop = 15; };
        CHECK(backfill(ready, step.name, options) == 2);
        CHECK(pending(ready, step) == 7);
        options.stop = nullptr;
        CHECK(backfill(ready, step.name, options) == 7);
    }
    CHECK(ready.test.value("SELECT count(*) FROM cti.indicators WHERE value = 'other.example.net'") == "9");
}

TEST_CASE("write_pending: writes neither what is gone nor what another has brought to this version") {
    Ready ready;
    store_as_the_service(ready, 10, 3);
    const StepDone step{"indicators", 1};
    const auto batch = read_pending(ready, step);
    REQUIRE(batch.articles.size() == 3);
    Article made;
    made.steps = {step};
    made.findings.resize(1);
    made.findings[0].value = "late";
    std::vector<MadeArticle> late;
    for (const auto& article : batch.articles) late.push_back({&article, &made});
    ready.test.run(fmt::format(
        "DELETE FROM content_hashes; DELETE FROM articles WHERE id = {}; INSERT INTO cti.derived (article_id, step, version, text_key) "
        "SELECT id, 'indicators', 1, hashtextextended(content_hash, 0) FROM articles WHERE id = {}",
        batch.articles[0].id, batch.articles[1].id));
    auto writing = ready.begin();
    CHECK(write_pending(writing, ready.schema, step, late) == 1);
    CHECK(write_pending(writing, ready.schema, step, late) == 0);
    writing.commit();
    CHECK(ready.test.value("SELECT string_agg(article_id::text, ',') FROM cti.indicators") ==
          std::to_string(batch.articles[2].id));
    // A newer version of the step makes them again, an older one nothing.
    auto newer = ready.begin();
    CHECK(count_pending(newer, ready.schema, {"indicators", 2}) == 2);
    CHECK(count_pending(newer, ready.schema, {"indicators", 1}) == 0);
}

TEST_CASE(
    "write_derived: stores each step that is run with the article, and notes none that it does not store") {
    Ready ready(all_kinds().front());
    for (const auto& step : pipeline::steps()) {
        CAPTURE(step.name);
        auto article = make_article(1);
        article.steps = {{step.name, step.version}};
        CheckRecord record;
        record.source_id = ready.source_id;
        record.articles = {article};
        auto transaction = ready.begin();
        if (step.in_article_transaction)
            CHECK_NOTHROW(record_check(transaction, ready.schema, record));
        else
            CHECK_THROWS_AS(record_check(transaction, ready.schema, record), std::logic_error);
    }
}

TEST_CASE("write_pending: a text that changes while it is read stays pending") {
    Ready ready;
    store_as_the_service(ready, 10, 1);
    const StepDone step{"indicators", 1};
    const auto batch = read_pending(ready, step);
    ready.test.run("UPDATE articles SET content = 'other', content_hash = repeat('b', 64)");
    Article made;
    made.steps = {step};
    auto writing = ready.begin();
    write_pending(writing, ready.schema, step, {{&batch.articles.at(0), &made}});
    CHECK(count_pending(writing, ready.schema, step) == 1);
}

TEST_CASE("catch_up: looks only at what came since, and notices what was committed late") {
    Ready ready;
    store_as_the_service(ready, 10, 3);
    const auto& step = pipeline::get_step("simhash");
    collect::catch_up(ready.database, ready.schema, step, nullptr);
    CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "3");
    ready.test.run(
        "UPDATE articles SET discovered_at = discovered_at - interval '2 hours' WHERE id < (SELECT max(id) FROM articles)");
    collect::catch_up(ready.database, ready.schema, step, nullptr);
    const auto mark =
        ready.test.value("SELECT max(id) FROM articles WHERE id < (SELECT max(id) FROM articles)");
    CHECK(ready.test.value("SELECT done_to FROM cti.progress WHERE task = 'simhash'") == mark);
    // Below the mark nothing is looked at any more, above it everything that is younger than an hour.
    ready.test.run("DELETE FROM cti.derived; DELETE FROM cti.simhashes");
    collect::catch_up(ready.database, ready.schema, step, nullptr);
    CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "1");
    CHECK(backfill(ready, "simhash") == 2);
    CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "3");
}

TEST_CASE("remove_orphans: what was made of articles that are gone goes from every table, in portions") {
    Ready ready;
    store_and_index(ready, {make_article(1), make_article(2)});
    ready.test.run(
        "INSERT INTO cti.derived SELECT 100000 + i, 'words', 1 FROM generate_series(1, 25000) AS i;"
        "INSERT INTO cti.indicators (article_id, position, type, value, original, start_offset, end_offset) "
        "SELECT 100000 + i, 0, 'domain', 'x', 'x', 0, 1 FROM generate_series(1, 25000) AS i;"
        "DELETE FROM content_hashes; DELETE FROM articles WHERE title = 'Report 1'");
    for (int call = 0; call < 2; ++call) {
        auto transaction = ready.begin();
        CHECK(remove_orphans(transaction) > 0);
        transaction.commit();
    }
    for (const auto* table : {"derived", "simhashes", "indicators"}) {
        CAPTURE(table);
        CHECK(ready.test.value(fmt::format("SELECT count(DISTINCT article_id) FROM cti.{}", table)) <= "1");
    }
    CHECK(all_pending(ready) == k_nothing);
    auto transaction = ready.begin();
    CHECK(remove_orphans(transaction) == 0);
}

TEST_CASE(
    "remove_urgent_orphans: what belongs to articles that are gone goes once an hour, of sources at once") {
    Ready ready;
    store_collected(ready, {make_article(1)});
    const auto leftover = [&] {
        ready.test.run("INSERT INTO cti.simhashes (article_id, simhash) VALUES (1000, 1);"
                       "INSERT INTO cti.derived (article_id, step, version) VALUES (1000, 'simhash', 1);"
                       "INSERT INTO cti.source_state (source_id) VALUES (1000)");
    };
    const auto left = [&] {
        auto transaction = ready.begin();
        remove_urgent_orphans(transaction);
        transaction.commit();
        return ready.test.value("SELECT concat((SELECT count(*) FROM cti.simhashes WHERE article_id = 1000), "
                                "(SELECT count(*) FROM cti.source_state WHERE source_id = 1000))");
    };
    leftover();
    CHECK(left() == "00");
    leftover();
    CHECK(left() == "10");
    ready.test.run("UPDATE cti.progress SET updated_at = updated_at - interval '61 minutes'");
    CHECK(left() == "00");
}

TEST_CASE("migration: nothing that was made before is made again") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_and_index(ready, {make_article(1), make_article(2)});
        store_as_the_service(ready, 10, 1);
        // The state of the version before, with marks and accounts of its own.
        ready.test.run(
            "INSERT INTO cti.extractions (article_id, version, found) SELECT article_id, version, 1 FROM cti.derived WHERE step = 'indicators';"
            "UPDATE cti.article_words w SET hash = a.content_hash FROM articles a WHERE a.id = w.article_id;"
            "INSERT INTO cti.simhashes (article_id, simhash) SELECT article_id, 7 FROM cti.derived WHERE step = 'simhash' ON CONFLICT DO NOTHING;"
            "INSERT INTO cti.settings (key, value) VALUES ('words_indexed_to', '1'), ('simhash_mark', '1500'), "
            "('notify_articles_after', '2'), ('orphans_words', '9'), ('orphans_seen', '3');"
            "DROP TABLE cti.word_segments, cti.word_blocks, cti.derived, cti.progress, cti.read_marks, cti.analyses, cti.jobs, cti.finished_jobs, cti.job_lines, cti.workers, cti.leaders; DROP SEQUENCE cti.job_tokens; ALTER TABLE cti.schedules DROP COLUMN kind, DROP COLUMN arguments, DROP COLUMN cron, DROP COLUMN zone, DROP COLUMN priority, DROP COLUMN is_enabled, DROP COLUMN last_slot_at, DROP COLUMN last_job_id, DROP COLUMN monitors_until; DELETE FROM cti.schedules; ALTER TABLE cti.seen_entries DROP COLUMN page_tries, DROP COLUMN text_key; DROP INDEX cti.seen_entries_article_link; DELETE FROM cti.migrations WHERE name >= '0009'");
        set_up(ready.database, "", false);
        // That of the web service; and all scores and words, as these steps make something else since.
        CHECK(all_pending(ready) == "1,3,3,1");
        CHECK(ready.test.value("SELECT string_agg(task || done_to, ',' ORDER BY task) FROM cti.progress") ==
              "notify2,orphans_seen3,simhash500,words1");
        CHECK(ready.test.value(
                  "SELECT count(*) FROM cti.settings WHERE key LIKE 'orphans%' OR key LIKE '%indexed%'") ==
              "0");
    }
}
