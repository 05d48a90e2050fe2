#include "core/store/own/seen_entries.hpp"
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

TEST_CASE("seen entries: one whose article was deleted is new again") {
    Ready ready;
    auto record = make_check(ready, {{.entry_key = "e1", .link_key = "l1", .candidate = 0}});
    record.articles = {make_article(1)};
    commit(ready, record);
    ready.test.run("DELETE FROM content_hashes; DELETE FROM articles");
    CHECK_FALSE(find(ready, {{"e1", "l1"}})[0]);
    CHECK(commit(ready, record).count == 1);
    CHECK(find(ready, {{"e1", "l1"}})[0]);
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
