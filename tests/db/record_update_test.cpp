#include "core/store/record.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
Recorded commit(Ready& ready, const CheckRecord& record) {
    auto transaction = ready.begin();
    auto recorded = record_check(transaction, ready.schema, record);
    transaction.commit();
    return recorded;
}
// Stores the articles 1 to `count`, and returns their ids.
std::vector<int> store_articles(Ready& ready, int count) {
    CheckRecord record;
    record.source_id = ready.source_id;
    for (int i = count; i >= 1; --i) record.articles.push_back(make_article(i));
    commit(ready, record);
    std::vector<int> ids;
    for (int i = 1; i <= count; ++i)
        ids.push_back(
            std::stoi(ready.test.value(fmt::format("SELECT id FROM articles WHERE title = 'Report {}'", i))));
    return ids;
}
Article make_new_text(int number) {
    auto article = make_article(number + 1000);
    article.url = make_article(number).url;
    article.title = fmt::format("Report {} (updated)", number);
    article.word_count = 100;
    return article;
}
Recorded update(Ready& ready, std::vector<ArticleUpdate> updates) {
    CheckRecord record;
    record.source_id = ready.source_id;
    record.updates = std::move(updates);
    return commit(ready, record);
}
std::string updated_titles(const Ready& ready) {
    return ready.test.value(
        "SELECT string_agg(title, ', ' ORDER BY id) FROM articles WHERE title LIKE '%updated%'");
}
}

TEST_CASE(
    "updates: a changed text replaces the old one with its hashes, and keeps what people and models wrote") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto ids = store_articles(ready, 2);
        ready.test.run(R"(UPDATE articles SET processing_status = 'processed', article_metadata =
            '{"threat_hunting_score":31.5,"training_category":"chosen","chatgpt_summary":"s","custom":1}')");
        const bool has_embedding = ready.schema.articles.has("embedding");
        if (has_embedding) ready.test.run("UPDATE articles SET embedding = NULL, embedded_at = now()");
        if (has_embedding && ready.schema.articles.columns.at("embedding").type == "text")
            ready.test.run("UPDATE articles SET embedding = '[0.25]'");
        auto article = make_new_text(1);
        article.metadata_json = R"({"threat_hunting_score":50.0,"training_category":"rejected","iocs":[]})";
        const auto before = ready.test.value(
            "SELECT discovered_at || ' ' || published_at FROM articles WHERE id = " + std::to_string(ids[0]));
        CHECK(update(ready, {{ids[0], article}}).updated == 1);
        const auto value = [&](const char* what) {
            return ready.test.value(fmt::format("SELECT {} FROM articles WHERE id = {}", what, ids[0]));
        };
        CHECK(value("title") == article.title);
        CHECK(value("content") == article.content);
        CHECK(value("content_hash") == article.hashes[0]);
        CHECK(value("canonical_url") == article.url);
        CHECK(value("simhash") == std::to_string(article.simhash));
        if (has_embedding) {
            CHECK(value("embedding IS NULL AND embedded_at IS NULL") == "t");
            CHECK(ready.test.value(
                      fmt::format("SELECT embedded_at IS NULL FROM articles WHERE id = {}", ids[1])) == "f");
        }
        CHECK(value("modified_at IS NOT NULL AND updated_at >= created_at") == "t");
        CHECK(value("processing_status") == "processed");
        CHECK(value("discovered_at || ' ' || published_at") == before);
        CHECK(
            value(
                "concat_ws('|', article_metadata::jsonb -> 'threat_hunting_score', article_metadata::jsonb ->> 'training_category', "
                "article_metadata::jsonb ->> 'chatgpt_summary', article_metadata::jsonb ->> 'custom', "
                "article_metadata::jsonb ->> 'iocs')") == "50.0|chosen|s|1");
        CHECK(ready.test.value("SELECT count(*) FROM content_hashes WHERE content_hash = '" +
                               article.hashes[0] + "'") == "1");
        CHECK(ready.test.value("SELECT count(*) FROM cti.simhashes") == "1");
        CHECK(ready.test.value("SELECT title FROM articles WHERE id = " + std::to_string(ids[1])) ==
              "Report 2");
        CHECK(update(ready, {{ids[0], article}}).updated == 0); // nothing new
    }
}

TEST_CASE("updates: annotated and archived rows, those of other sources and deleted ones are left alone") {
    for (const auto kind : {Kind::web_2025, Kind::web_2026, Kind::web_2026_bare}) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto ids = store_articles(ready, 4);
        ready.test.run(fmt::format(
            "CREATE TABLE public.some_analysis (article_id integer, result text); INSERT INTO public.some_analysis VALUES ({}, 'x')",
            ids[0]));
        const bool has_archived = ready.schema.articles.has("archived");
        if (has_archived)
            ready.test.run(fmt::format("UPDATE articles SET archived = true WHERE id = {}", ids[1]));
        if (!has_archived)
            ready.test.run(fmt::format("INSERT INTO public.some_analysis VALUES ({}, 'x')", ids[1]));
        ready.test.run(fmt::format(
            "INSERT INTO sources SELECT * FROM sources WHERE false; UPDATE articles SET article_metadata = '[]' WHERE id = {}",
            ids[2]));
        CHECK(update(ready, {{ids[0], make_new_text(1)},
                             {ids[1], make_new_text(2)},
                             {ids[2], make_new_text(3)},
                             {99999, make_new_text(5)}})
                  .updated == 0);
        CHECK(updated_titles(ready) == "NULL");
        CHECK(update(ready, {{ids[3], make_new_text(4)}}).updated == 1);
        CheckRecord other;
        other.source_id = ready.source_id + 1;
        other.updates = {{ids[3], make_new_text(6)}};
        CHECK(commit(ready, other).updated == 0);
        CHECK(updated_titles(ready) == "Report 4 (updated)");
    }
}

TEST_CASE("updates: highlights and annotations of the web service keep the text that their offsets mean") {
    Ready ready(Kind::web_2026);
    const auto ids = store_articles(ready, 1);
    ready.test.run(fmt::format(
        "ALTER TABLE article_annotations ADD made_by_test integer; "
        "INSERT INTO article_annotations SELECT (jsonb_populate_record(NULL::article_annotations, "
        "(SELECT jsonb_object_agg(column_name, CASE WHEN data_type IN ('integer', 'double precision') THEN '1'::jsonb "
        "WHEN data_type = 'boolean' THEN 'false'::jsonb WHEN data_type LIKE 'timestamp%' THEN to_jsonb(now()::timestamp) "
        "WHEN column_name = 'usage' THEN '\"train\"'::jsonb ELSE '\"x\"'::jsonb END) FROM information_schema.columns "
        "WHERE table_name = 'article_annotations' AND column_name NOT LIKE 'embed%') || '{{\"article_id\":{}}}')).*",
        ids[0]));
    CHECK(ready.test.value("SELECT count(*) FROM article_annotations WHERE article_id = " +
                           std::to_string(ids[0])) == "1");
    CHECK(update(ready, {{ids[0], make_new_text(1)}}).updated == 0);
}

TEST_CASE("updates: a text that another row has is not written twice") {
    for (const auto kind : {Kind::web_2025, Kind::web_2026_bare}) {
        Ready ready(kind);
        const auto ids = store_articles(ready, 3);
        auto taken = make_new_text(1);
        taken.hashes[2] = make_article(3).hashes[0];
        auto same = make_new_text(2), twin = make_new_text(3);
        twin.hashes = same.hashes;
        CHECK(update(ready, {{ids[0], taken}, {ids[1], same}, {ids[2], twin}}).updated == 1);
        CHECK(updated_titles(ready) == "Report 2 (updated)");
        CHECK(ready.test.value("SELECT count(DISTINCT content_hash) FROM articles") == "3");
    }
}

TEST_CASE("updates: one that the database refuses does not lose the others, nor the check") {
    Ready ready;
    const auto ids = store_articles(ready, 3);
    ready.test.run("ALTER TABLE articles ADD CONSTRAINT no_twos CHECK (title <> 'Report 2 (updated)')");
    auto broken = make_new_text(3);
    broken.metadata_json = "{";
    CHECK(update(ready, {{ids[0], make_new_text(1)}, {ids[1], make_new_text(2)}, {ids[2], broken}}).updated ==
          1);
    CHECK(updated_titles(ready) == "Report 1 (updated)");
    CHECK(ready.test.value("SELECT count(*) FROM source_checks") == "2");
}

TEST_CASE("updates: where the role may not see who refers to an article, nothing is changed") {
    Ready ready;
    const auto ids = store_articles(ready, 1);
    const auto role = ready.test.make_role();
    ready.test.run("CREATE TABLE public.secret_notes (article_id integer); GRANT USAGE ON SCHEMA cti TO " +
                   role + "; GRANT ALL ON ALL TABLES IN SCHEMA cti TO " + role +
                   "; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + role +
                   "; GRANT ALL ON sources, articles, source_checks, content_hashes TO " + role);
    Database database(ready.test.address_as(role));
    Transaction transaction(database);
    CheckRecord record;
    record.source_id = ready.source_id;
    record.updates = {{ids[0], make_new_text(1)}};
    CHECK(record_check(transaction, ready.schema, record).updated == 0);
}
