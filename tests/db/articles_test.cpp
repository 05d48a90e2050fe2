#include "core/store/read/articles.hpp"
#include "core/store/read/stats.hpp"
#include "stored_articles.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
std::vector<StoredArticle> select(Ready& ready, const Selection& selection, const Detail& detail = {}) {
    std::vector<StoredArticle> found;
    Transaction transaction(ready.database, Access::read_only);
    const auto count = for_each_article(transaction, ready.schema, selection, detail,
                                        [&](const StoredArticle& article) { found.push_back(article); });
    CHECK(count == static_cast<long>(found.size()));
    return found;
}
std::vector<std::string> titles(Ready& ready, const Selection& selection) {
    std::vector<std::string> all;
    for (const auto& article : select(ready, selection)) all.push_back(article.title);
    return all;
}
}

TEST_CASE("for_each_article: what was stored comes back, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto article = make_article(1);
        store_articles(ready, std::vector{article});
        const auto found = select(ready, {});
        REQUIRE(found.size() == 1);
        CHECK(found[0].source == "first");
        CHECK(found[0].source_id == ready.source_id);
        CHECK(found[0].title == article.title);
        CHECK(found[0].url == article.url);
        CHECK(found[0].content == article.content);
        CHECK(found[0].authors == article.authors);
        CHECK(found[0].tags == article.tags);
        CHECK(found[0].published_at == article.published_at);
        CHECK(found[0].discovered_at > article.published_at);
        CHECK(found[0].word_count == 14);
        CHECK(found[0].threat_hunting_score == 31.5);
        CHECK(found[0].summary.has_value() == ready.schema.articles.has("summary"));
    }
}

TEST_CASE("for_each_article: newest first, then by id, in portions of any size") {
    Ready ready;
    std::vector<Article> articles;
    for (int i = 0; i < 300; ++i) {
        articles.push_back(make_article(i));
        if (i % 3 == 0) articles.back().published_at = make_time("2026-01-01T00:00:00Z");
        if (i % 50 == 0) articles.back().content.append(300000, 'x');
    }
    store_articles(ready, articles);
    const auto found = select(ready, {});
    REQUIRE(found.size() == 300);
    for (std::size_t i = 1; i < found.size(); ++i) {
        const auto& before = found[i - 1];
        const bool in_order = before.published_at > found[i].published_at ||
                              (before.published_at == found[i].published_at && before.id > found[i].id);
        CHECK(in_order);
    }
}

TEST_CASE("for_each_article: a selection is half-open in time, and combines with sources, score and limit") {
    for (const auto kind : {Kind::empty, Kind::web_2025}) {
        Ready ready(kind);
        std::vector<Article> articles;
        for (int i = 5; i >= 1; --i) articles.push_back(make_article(i));
        articles[0].metadata_json = R"({"threat_hunting_score":"80.5"})"; // Report 5
        articles[1].metadata_json = R"({"threat_hunting_score":null})";
        articles[2].metadata_json = "[]";
        store_articles(ready, articles);
        using Titles = std::vector<std::string>;
        Selection selection;
        selection.since = make_article(2).published_at;
        selection.until = make_article(4).published_at;
        CHECK(titles(ready, selection) == Titles{"Report 3", "Report 2"});
        selection = {};
        selection.limit = 2;
        CHECK(titles(ready, selection) == Titles{"Report 5", "Report 4"});
        selection.min_score = 30;
        CHECK(titles(ready, selection) == Titles{"Report 5", "Report 2"});
        selection.limit = 0;
        CHECK(titles(ready, selection).empty());
        selection = {};
        selection.source_ids = {ready.source_id + 1, ready.source_id + 2};
        CHECK(titles(ready, selection).empty());
        selection.source_ids.push_back(ready.source_id);
        CHECK(titles(ready, selection).size() == 5);
    }
}

TEST_CASE("for_each_article: odd rows of other writers do not end an export") {
    Ready ready(Kind::web_2026_bare);
    store_articles(ready, std::vector{make_article(1), make_article(2), make_article(3), make_article(4)});
    ready.test.run(R"(ALTER TABLE articles ALTER archived DROP NOT NULL; UPDATE articles SET archived = NULL;
        UPDATE articles SET published_at = 'infinity', authors = 'null', tags = '"single"' WHERE title = 'Report 1';
        UPDATE articles SET article_metadata = '{"a":"\u0000","threat_hunting_score":7}', authors = '["x\u0000",1,{"a":[]}]' WHERE title = 'Report 2';
        UPDATE articles SET archived = true WHERE title = 'Report 3';
        UPDATE articles SET source_id = 4711 WHERE title = 'Report 4';
        INSERT INTO sources SELECT * FROM sources)");
    const auto found = select(ready, {});
    REQUIRE(found.size() == 3);
    CHECK(found[0].title == "Report 1");
    CHECK(found[0].published_at == found[0].discovered_at);
    CHECK(found[0].authors.empty());
    CHECK(found[0].tags.empty());
    CHECK(found[1].title == "Report 4");
    CHECK(found[1].source.empty());
    CHECK(found[2].authors == std::vector<std::string>{std::string("x\0", 2)});
    CHECK(found[2].threat_hunting_score == 7.0);
}

TEST_CASE("for_each_article: the ends of the server's time, whatever else is read") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, std::vector{make_article(1), make_article(2), make_article(3)});
        ready.test.run(R"(UPDATE articles SET published_at = '-infinity' WHERE title = 'Report 1';
            UPDATE articles SET published_at = '294276-12-31 23:59:59.999999' WHERE title = 'Report 2';
            UPDATE articles SET published_at = '1969-12-31 23:59:59.999999+00' WHERE title = 'Report 3')");
        for (const bool discovered_at : {true, false}) {
            Selection selection;
            selection.order = Order::oldest;
            Detail detail;
            detail.discovered_at = discovered_at;
            const auto found = select(ready, selection, detail);
            REQUIRE(found.size() == 3);
            CHECK(found[0].published_at > make_article(1).published_at); // discovered_at instead
            CHECK(found[1].published_at == Time(std::chrono::microseconds(-1)));
            CHECK(found[2].published_at == Time::max());
        }
    }
}

TEST_CASE("for_each_article: the callback may stop by throwing") {
    Ready ready;
    store_articles(ready, std::vector{make_article(1), make_article(2)});
    Transaction transaction(ready.database, Access::read_only);
    int calls = 0;
    CHECK_THROWS_AS(for_each_article(transaction, ready.schema, {}, {},
                                     [&](const StoredArticle&) {
                                         ++calls;
                                         throw Error(ExitCode::output, "disk full");
                                     }),
                    Error);
    CHECK(calls == 1);
}

TEST_CASE("read_stats: every number follows its definition, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, std::vector{make_article(1), make_article(2), make_article(3)});
        ready.test.run(
            "UPDATE articles SET discovered_at = discovered_at - interval '3 days' WHERE title = 'Report 1';"
            "UPDATE articles SET discovered_at = discovered_at - interval '20 days' WHERE title = 'Report 2';"
            "UPDATE sources SET consecutive_failures = 3");
        if (ready.schema.articles.has("archived")) {
            store_articles(ready, std::vector{make_article(4)});
            ready.test.run(
                "UPDATE articles SET archived = true WHERE title = 'Report 4'; UPDATE sources SET consecutive_failures = 3");
        }
        Transaction transaction(ready.database, Access::read_only);
        const auto stats = read_stats(transaction, ready.schema);
        CHECK(stats.sources == 1);
        CHECK(stats.active_sources == 1);
        CHECK(stats.failing_sources == 1);
        CHECK(stats.articles == 3);
        CHECK(stats.articles_24h == 1);
        CHECK(stats.articles_7d == 2);
        CHECK(stats.articles_30d == 3);
        CHECK(stats.oldest == make_article(1).published_at);
        CHECK(stats.newest == make_article(3).published_at);
        CHECK(stats.database_bytes > 1000000);
        REQUIRE(stats.per_source.size() == 1);
        CHECK(stats.per_source[0].identifier == "first");
        CHECK(stats.per_source[0].articles == 3);
        CHECK(stats.per_source[0].newest == make_article(3).published_at);
        CHECK(stats.silent_sources == (stats.newest < current_time() - std::chrono::days(30) ? 1 : 0));
        CHECK(stats.last_discovered > stats.newest);
        REQUIRE(stats.per_day.size() == 30);
        CHECK(stats.per_day[29].day == format_rfc3339(current_time()).substr(0, 10));
        CHECK(stats.per_day[29].articles == 1);
        CHECK(stats.per_day[26].articles == 1);
        CHECK(stats.per_day[9].articles == 1);
        CHECK(std::ranges::any_of(
            stats.per_table, [](const auto& of) { return of.table == "public.articles" && of.bytes > 0; }));
    }
}
