#include "core/ops/read_article.hpp"
#include "stored_articles.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
int id_of(Ready& ready, const std::string& title) {
    return std::stoi(ready.test.value("SELECT id FROM articles WHERE title = '" + title + "'"));
}
int find(Ready& ready, const std::string& which) {
    db::Transaction tx(ready.database, db::Access::read_only);
    return ops::find_article(tx, ready.schema, which);
}
ops::WholeArticle get(Ready& ready, int id) {
    db::Transaction tx(ready.database, db::Access::read_only);
    return ops::get_whole_article(tx, ready.schema, id);
}
std::string refusal(Ready& ready, const std::string& which) {
    const auto error = error_of([&] { get(ready, find(ready, which)); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::usage);
    return error->what();
}
}

TEST_CASE("find_article: by its id, its address, and what people make of an address") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, 2);
        ready.test.run(
            "UPDATE articles SET canonical_url = 'https://blog.example/a/' WHERE title = 'Report 1'");
        const auto id = id_of(ready, "Report 1");
        for (const auto& which :
             {std::to_string(id), " " + std::to_string(id) + "\n", std::string("https://blog.example/a/"),
              std::string("https://blog.example/a"), std::string("http://blog.example/a"),
              std::string("hxxps://blog[.]example/a/")})
            CHECK(find(ready, which) == id);
    }
}

TEST_CASE("find_article: what is not there, or is no article, is refused with the reason") {
    Ready ready;
    store_articles(ready, 1);
    CHECK(refusal(ready, "4711") == "there is no article 4711");
    CHECK(refusal(ready, "99999999999999") == "there is no article 99999999999999");
    CHECK(contains(refusal(ready, "https://nowhere.example/"), "no article has the address"));
    for (const auto* which : {"", "abc", "-1", "1x", "ftp://x.example/", "javascript:alert(1)"})
        CHECK(contains(refusal(ready, which), "neither the id of an article nor an address"));
    ready.test.run("UPDATE articles SET archived = true");
    CHECK(contains(refusal(ready, std::to_string(id_of(ready, "Report 1"))), "there is no article"));
}

TEST_CASE("get_whole_article: the text, all that was found, and where it comes from") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        store_articles(ready, 1);
        const auto id = id_of(ready, "Report 1");
        ready.test.run(
            "UPDATE articles SET article_metadata = '{\"feed_entry\": {\"id\": \"guid\", \"link\": \"https://x.example/l\"}, "
            "\"extraction_method\": \"rss\", \"content_source\": \"page:article\", \"date_source\": \"published\", "
            "\"collector\": \"cti/9\"}';"
            "DELETE FROM cti.indicators; INSERT INTO cti.indicators (article_id, position, type, value, original, start_offset, end_offset, verdict) "
            "SELECT id, 0, 'ipv4', '10.0.0.1', '10.0.0.1', 0, 8, 'private' FROM articles;"
            "INSERT INTO cti.seen_entries (source_id, entry_key, article_id, first_seen) SELECT source_id, 'k', id, '2026-01-02T03:04:05Z' FROM articles");
        const auto whole = get(ready, id);
        CHECK(whole.article.content == make_article(1).content);
        REQUIRE(whole.article.findings.size() == 1);
        CHECK(whole.origin.entry_id == "guid");
        CHECK(whole.origin.entry_link == "https://x.example/l");
        CHECK(whole.origin.text == "page:article");
        CHECK(whole.origin.collector == "cti/9");
        CHECK(whole.origin.first_seen == make_time("2026-01-02T03:04:05Z"));
        CHECK(whole.origin.feed_url ==
              ready.test.value("SELECT coalesce(rss_url, url) FROM sources WHERE identifier = 'first'"));
    }
}

TEST_CASE("get_whole_article: odd metadata of others, and a source that is gone, say nothing") {
    Ready ready(Kind::web_2026_bare);
    store_articles(ready, 1);
    const auto id = id_of(ready, "Report 1");
    for (const auto* metadata : {"null", "[]", "{\"feed_entry\": 7, \"collector\": []}", "\"x\""}) {
        ready.test.run(std::string("UPDATE articles SET article_metadata = '") + metadata +
                       "', source_id = 4711");
        CHECK(get(ready, id).origin.collector.empty());
        CHECK(get(ready, id).origin.feed_url.empty());
    }
}

TEST_CASE("find_near_articles: the first one, those that are near to it, and those near to this one") {
    Ready ready;
    store_articles(ready, 5);
    ready.test.run(
        "DELETE FROM cti.near_duplicates; INSERT INTO cti.near_duplicates (article_id, first_article_id, distance) VALUES "
        "(2, 1, 1), (3, 1, 2), (4, 3, 1)");
    const auto near = [&](int id) {
        db::Transaction tx(ready.database, db::Access::read_only);
        return store::find_near_articles(tx, id);
    };
    using Ids = std::vector<int>;
    CHECK(near(1) == Ids{2, 3});
    CHECK(near(2) == Ids{1, 3});
    CHECK(near(3) == Ids{1, 2, 4});
    CHECK(near(4) == Ids{3});
    CHECK(near(5).empty());
}
