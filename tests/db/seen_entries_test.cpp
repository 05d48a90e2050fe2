#include "core/store/own/orphans.hpp"
#include "core/store/own/seen_entries.hpp"
#include "core/store/record.hpp"
#include "core/store/web/sources.hpp"
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
CheckRecord make_check(const Ready& ready, std::vector<SeenEntry> seen) {
    CheckRecord record;
    record.source_id = ready.source_id;
    record.seen = std::move(seen);
    return record;
}
std::vector<std::optional<SeenEntry>> find(Ready& ready, const std::vector<EntryKey>& keys) {
    auto transaction = ready.begin();
    return find_seen(transaction, ready.source_id, keys);
}
}

TEST_CASE("seen entries: what was triaged is found by its key or its link, with the reason and the article") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const Named<DropReason> too_short("too_short"); // of a version that this one does not know
        auto record =
            make_check(ready, {{.entry_key = "e1", .link_key = "l1", .content_key = "c1", .candidate = 0},
                               {.entry_key = "e2", .link_key = "l2", .candidate = 1},
                               {.entry_key = "e3", .link_key = "l3", .reason = too_short, .label = "Teaser"},
                               {.entry_key = "e4", .page_tries = 3, .reason = DropReason::page_missing}});
        record.articles = {make_article(1), make_article(2)};
        record.articles[1].hashes[1] = record.articles[0].hashes[0]; // the same text once more
        CHECK(commit(ready, record).count == 1);

        const auto found =
            find(ready, {{"e1", ""}, {"moved", "l2"}, {"e3", "l3"}, {"e4", ""}, {"new", ""}, {"", ""}});
        REQUIRE(found.size() == 6);
        REQUIRE(found[0]);
        CHECK(found[0]->reason == DropReason::none);
        CHECK(found[0]->content_key == "c1");
        CHECK(std::to_string(found[0]->article_id.value()) == ready.test.value("SELECT id FROM articles"));
        REQUIRE(found[1]);
        CHECK(found[1]->entry_key == "e2");
        CHECK(found[1]->reason == DropReason::duplicate);
        CHECK(found[1]->article_id == found[0]->article_id);
        REQUIRE(found[2]);
        CHECK(found[2]->reason == too_short);
        CHECK(found[2]->label == "Teaser");
        CHECK(found[3].value().reason == DropReason::page_missing);
        CHECK(found[3]->page_tries == 3);
        CHECK(!found[0]->page_tries);
        CHECK_FALSE(found[4]);
        CHECK_FALSE(found[5]);

        auto transaction = ready.begin();
        CHECK(find_seen(transaction, ready.source_id + 1, {{"e1", "l1"}}) ==
              std::vector<std::optional<SeenEntry>>{std::nullopt});
        const auto dropped = recent_dropped(transaction, ready.source_id, 10);
        REQUIRE(dropped.size() == 3);
        CHECK(recent_dropped(transaction, ready.source_id, 1).size() == 1);
    }
}

TEST_CASE("seen entries: one that the database refused is tried again") {
    Ready ready;
    ready.test.run("ALTER TABLE articles ADD CONSTRAINT no_ones CHECK (title <> 'Report 1')");
    auto record = make_check(ready, {{.entry_key = "e1", .candidate = 0}});
    record.articles = {make_article(1)};
    CHECK(commit(ready, record).refused.size() == 1);
    CHECK_FALSE(find(ready, {{"e1", ""}})[0]);
}

TEST_CASE("seen entries: one whose article was deleted says so, or is new where it is to come back") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto record = make_check(ready, {{.entry_key = "e1", .link_key = "l1", .candidate = 0}});
        record.articles = {make_article(1)};
        commit(ready, record);
        const auto id = find(ready, {{"e1", "l1"}})[0].value().article_id;
        ready.test.run("DELETE FROM content_hashes; DELETE FROM articles");
        for (const EntryKey& key : {EntryKey{"e1", ""}, EntryKey{"e2", "l1"}}) {
            const auto found = find(ready, {key})[0].value();
            CHECK(found.reason == DropReason::deleted);
            CHECK(found.article_id == id);
        }
        {
            auto transaction = ready.begin();
            const std::vector<EntryKey> keys = {{"e1", "l1"}};
            CHECK_FALSE(find_seen(transaction, ready.source_id, keys, DeletedArticles::come_back)[0]);
        }
        record.deleted = DeletedArticles::come_back;
        CHECK(commit(ready, record).count == 1);
        CHECK(find(ready, {{"e1", "l1"}})[0].value().reason == DropReason::none);
    }
}

TEST_CASE(
    "seen entries: a candidate with the link or the text of a deleted article is none, whatever its source") {
    Ready ready;
    auto record = make_check(ready, {{.entry_key = "e1",
                                      .link_key = "l1",
                                      .text_key = make_text_key(make_article(1).hashes[0]),
                                      .candidate = 0}});
    record.articles = {make_article(1)};
    commit(ready, record);
    const auto id = ready.test.value("SELECT id FROM articles");
    ready.test.run("DELETE FROM content_hashes; DELETE FROM articles");
    {
        auto transaction = ready.begin();
        record.source_id = insert_source(transaction, ready.schema, make_spec("other"));
        transaction.commit();
    }
    record.seen = {{.entry_key = "by link", .link_key = "l1", .candidate = 0},
                   {.entry_key = "by text", .link_key = "l2", .candidate = 1},
                   {.entry_key = "new", .link_key = "l3", .candidate = 2}};
    record.articles = {make_article(2), make_article(1), make_article(3)};
    const auto recorded = commit(ready, record);
    CHECK(recorded.deleted == 2);
    CHECK(recorded.count == 1);
    CHECK(recorded.inserted == std::vector<bool>{false, false, true});
    CHECK(ready.test.value("SELECT string_agg(entry_key, ',' ORDER BY entry_key) FROM cti.seen_entries "
                           "WHERE reason = 'deleted' AND article_id = " +
                           id) == "by link,by text");
    record.deleted = DeletedArticles::come_back;
    CHECK(commit(ready, record).count == 2);
}

TEST_CASE("seen entries: one of a deleted text that is stored again is a duplicate of that") {
    Ready ready;
    const auto key = make_text_key(make_article(1).hashes[0]);
    auto record = make_check(ready, {{.entry_key = "e1", .text_key = key, .candidate = 0}});
    record.articles = {make_article(1)};
    commit(ready, record);
    ready.test.run("DELETE FROM content_hashes; DELETE FROM articles");
    record.seen[0].entry_key = "e2";
    record.deleted = DeletedArticles::come_back;
    CHECK(commit(ready, record).count == 1);
    record.seen[0].entry_key = "e3";
    record.deleted = DeletedArticles::stay_away;
    CHECK(commit(ready, record).deleted == 0);
    CHECK(find(ready, {{"e3", ""}})[0].value().reason == DropReason::duplicate);
}

TEST_CASE("seen entries: what duplicates of a source's articles are is forgotten with the source") {
    Ready ready;
    auto record =
        make_check(ready, {{.entry_key = "e1", .candidate = 0}, {.entry_key = "e2", .candidate = 1}});
    record.articles = {make_article(1), make_article(2)};
    commit(ready, record);
    {
        auto transaction = ready.begin();
        record.source_id = insert_source(transaction, ready.schema, make_spec("other"));
        transaction.commit();
    }
    commit(ready, record); // duplicates
    const auto left = [&] {
        return ready.test.value("SELECT coalesce(string_agg(entry_key, ','), '') FROM cti.seen_entries "
                                "WHERE source_id <> " +
                                std::to_string(ready.source_id));
    };
    // One was deleted by itself, and its source has told so since.
    ready.test.run("DELETE FROM content_hashes; DELETE FROM articles WHERE title = 'Report 2';"
                   "UPDATE cti.seen_entries SET reason = 'deleted' WHERE entry_key = 'e2'");
    ready.test.run("DELETE FROM articles; DELETE FROM source_checks; DELETE FROM sources WHERE id = " +
                   std::to_string(ready.source_id));
    auto transaction = ready.begin();
    remove_orphans(transaction);
    transaction.commit();
    CHECK(left() == "e2");
}

TEST_CASE("make_text_key: the first 64 bits of a hash, and nothing of what is none") {
    CHECK(make_text_key("00000000000000ff" + std::string(48, 'e')) == 255);
    CHECK(make_text_key(std::string(64, 'f')) == -1);
    CHECK_FALSE(make_text_key(""));
    CHECK_FALSE(make_text_key("ff"));
    CHECK_FALSE(make_text_key(std::string(64, 'x')));
}

TEST_CASE("seen entries: a row that says nothing new is not written again on the same day") {
    Ready ready;
    const auto record = make_check(ready, {{.entry_key = "e1", .reason = DropReason::no_text},
                                           {.entry_key = "e2", .reason = DropReason::no_text}});
    commit(ready, record);
    const auto versions = [&] {
        return ready.test.value(
            "SELECT string_agg(xmin::text || ctid, ',' ORDER BY entry_key) FROM cti.seen_entries");
    };
    const auto before = versions();
    commit(ready, record);
    CHECK(versions() == before);
    ready.test.run(
        "UPDATE cti.seen_entries SET last_seen = now() - interval '2 days' WHERE entry_key = 'e1'");
    commit(ready, record);
    CHECK(ready.test.value("SELECT min(last_seen) > now() - interval '1 hour' FROM cti.seen_entries") == "t");
    auto changed = record;
    changed.seen[1].reason = DropReason::robots;
    changed.seen.push_back(changed.seen[1]); // twice in one batch
    changed.seen.push_back({});              // without a key
    commit(ready, changed);
    CHECK(ready.test.value("SELECT string_agg(reason, ',' ORDER BY entry_key) FROM cti.seen_entries") ==
          "no_text,robots");
}

TEST_CASE("seen entries: a page that came is no longer to be asked for") {
    Ready ready;
    const auto tries = [&] {
        return ready.test.value("SELECT coalesce(page_tries::text, 'NULL') FROM cti.seen_entries");
    };
    for (const std::optional<int> expected : {std::optional(0), std::optional(1), std::optional<int>()}) {
        commit(ready, make_check(ready, {{.entry_key = "e1", .page_tries = expected}}));
        CHECK(tries() == (expected ? std::to_string(*expected) : "NULL"));
    }
}

TEST_CASE("seen entries: of a source the newest 20,000 are kept") {
    Ready ready;
    ready.test.run(fmt::format(
        "INSERT INTO cti.seen_entries (source_id, entry_key, last_seen) "
        "SELECT {}, 'old' || i, now() - i * interval '1 minute' FROM generate_series(1, 22000) AS i",
        ready.source_id));
    commit(ready, make_check(ready, {{.entry_key = "new"}}));
    CHECK(ready.test.value("SELECT count(*) FROM cti.seen_entries") == "20000");
    const auto found = find(ready, {{"new", ""}, {"old1", ""}, {"old19999", ""}, {"old20000", ""}});
    CHECK(found[0]);
    CHECK(found[1]);
    CHECK(found[2]);
    CHECK_FALSE(found[3]);
}

TEST_CASE("seen entries: hostile keys and labels are only text") {
    Ready ready;
    const std::string odd = "{\"a\\',NULL}\xFF";
    commit(ready, make_check(ready, {{.entry_key = odd,
                                      .link_key = odd,
                                      .reason = Named<DropReason>(odd),
                                      .label = std::string(5000, 'x')}}));
    const auto found = find(ready, {{"?", odd}});
    REQUIRE(found[0]);
    CHECK(found[0]->label.size() == 200);
}
