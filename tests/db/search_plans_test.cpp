#include "core/collect/backfill.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/pipeline/step.hpp"
#include "core/search/query.hpp"
#include "core/store/own/orphans.hpp"
#include "core/store/read/articles.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <optional>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

// What each kind of question reads, in pages of 8 kB, of 20,000 articles. Milliseconds are those of the
// machine and of who else is at work; pages are the plan's own.
namespace {
constexpr int k_articles = 20'000;

// "rare.example" is in one article, the oldest but 99; "common.example" and "malware" in one of ten.
void fill(const TestDatabase& test, int source_id) {
    test.run(fmt::format(R"sql(
        INSERT INTO sources (identifier, name, url, tier, weight, check_frequency, active, config)
        SELECT identifier || '-rare', name, url, tier, weight, check_frequency, active, config FROM sources WHERE id = {1};
        INSERT INTO articles (source_id, canonical_url, title, published_at, discovered_at, content, content_hash, article_metadata)
        SELECT CASE WHEN i % 4000 = 0 THEN (SELECT max(id) FROM sources) ELSE {1} END,
               'https://x.example/' || i, 'Report ' || i, timestamp '2020-01-01' + i * interval '1 hour', now() - interval '2 hours',
               'text ' || CASE WHEN i % 10 = 3 THEN 'malware loader ' ELSE '' END || repeat(md5(i::text) || ' ', 20),
               md5(i::text), json_build_object('threat_hunting_score', i % 100)
        FROM generate_series(1, {0}) AS i;
        INSERT INTO cti.indicators (article_id, position, type, value, original, start_offset, end_offset)
        SELECT a.id, p, 'domain', CASE WHEN p = 0 AND a.title = 'Report 100' THEN 'rare.example'
                                       WHEN p = 0 AND a.id % 10 = 3 THEN 'common.example'
                                       ELSE md5(a.id::text || p) || '.example' END, '', 0, 1
        FROM articles a, generate_series(0, 4) AS p;)sql",
                         k_articles, source_id));
    test.run("ANALYZE");
}
void index(Ready& ready) {
    collect::BackfillOptions options;
    options.batch = 2000;
    collect::backfill(ready.database, ready.schema, pipeline::get_step("words"), {}, options);
    ready.test.run("ANALYZE");
}

// Pages of tables and indexes that the connection has asked for until now.
long pages_read(Transaction& transaction, const std::string& names = "") {
    return number<long>(run(transaction, fmt::format(R"sql(
        SELECT sum(pg_stat_get_xact_blocks_fetched(oid))
        FROM pg_class
        WHERE relnamespace IN ('public'::regnamespace, 'cti'::regnamespace, 'pg_toast'::regnamespace)
          AND relkind IN ('r', 'i', 't') AND relname !~ '^pg_(toast_)?1?[0-9]{{1,4}}(_index)?$'
          AND relname ~ '{}')sql",
                                                     names))[0][0]);
}

struct Asked {
    std::size_t found = 0;
    long pages = 0;
};
Asked ask(Ready& ready, Selection selection, const std::string& text) {
    std::optional<search::Query> query;
    if (!text.empty()) query = search::parse_query(text, {.now = make_time("2026-11-30T00:00:00Z")});
    selection.query = query ? &*query : nullptr;
    Transaction transaction(ready.database, Access::read_only);
    Asked asked;
    const auto before = pages_read(transaction);
    for_each_article(transaction, ready.schema, selection, {.content = false, .findings = false, .types = {}},
                     [&](const StoredArticle&) { ++asked.found; });
    asked.pages = pages_read(transaction) - before;
    return asked;
}
}

TEST_CASE(
    "search plans: what a question reads depends on what it is about, not on how many articles there are") {
    Ready ready;
    fill(ready.test, ready.source_id);
    index(ready);
    struct Question {
        std::string query;
        std::optional<long> limit;
        std::size_t found;
        long max_pages;
    };
    const Question questions[] = {
        {"indicator:rare.example", 20, 1, 100},
        {"indicator:rare.example", std::nullopt, 1, 100},
        {"domain:rare.example malware", 20, 0, 100},
        {"indicator:rare.example score>60", std::nullopt, 0, 100},
        {"indicator:rare.example OR indicator:none.example", 20, 1, 100},
        {"indicator:none.example", 20, 0, 100},
        {"indicator:common.example", 20, 20, 3000},
        {"indicator:common.example", std::nullopt, k_articles / 10, 8000},
        {"malware loader", 20, 20, 1500},
        {"\"malware loader\"", 20, 20, 1500},
        {"malw*", 20, 20, 1500},
        {"malware loader", std::nullopt, k_articles / 10, 8000},
        {"malware source:first-rare", 20, 0, 1500},
        {"nowhere", 20, 0, 100},
        {"score>60", 20, 20, 400},
        {"score>60 malware", 20, 20, 1500},
        {"source:first", 20, 20, 400},
        {"source:first-rare", 20, 5, 400},
        {"after:2022-04-01", 20, 20, 400},
        {"", 20, 20, 400},
    };
    for (const auto& question : questions) {
        CAPTURE(question.query);
        CAPTURE(question.limit.has_value());
        Selection selection;
        selection.limit = question.limit;
        const auto asked = ask(ready, selection, question.query);
        CHECK(asked.found == question.found);
        CHECK(asked.pages <= question.max_pages);
    }
}

TEST_CASE("remove_orphans: a portion reads the ids of its own articles only") {
    Ready ready;
    fill(ready.test, ready.source_id);
    ready.test.run(
        "INSERT INTO cti.derived SELECT a.id, 'step' || s, 1 FROM articles a, generate_series(1, 4) AS s;"
        "DELETE FROM articles WHERE title = 'Report 19990'; ANALYZE");
    long removed = 0;
    for (int portion = 0; portion < 4; ++portion) {
        auto transaction = ready.begin();
        const auto before = pages_read(transaction, "^(ix_)?articles_(id|pkey)$");
        removed += remove_orphans(transaction);
        CHECK(pages_read(transaction, "^(ix_)?articles_(id|pkey)$") - before <= 30);
        transaction.commit();
    }
    CHECK(removed >= 4);
}
