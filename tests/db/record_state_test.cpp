#include "core/store/own/host_state.hpp"
#include "core/store/own/near_duplicates.hpp"
#include "core/store/own/orphans.hpp"
#include "core/store/own/source_state.hpp"
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
CheckRecord make_check(const Ready& ready) {
    CheckRecord record;
    record.source_id = ready.source_id;
    return record;
}
SourceState state_of(Ready& ready) {
    auto transaction = ready.begin();
    return find_source_state(transaction, ready.source_id).value();
}
Source source_of(Ready& ready) {
    auto transaction = ready.begin();
    return find_source(transaction, ready.schema, "first").value();
}
const std::string k_feed = "https://first.example/feed.xml", k_target = "https://first.example/atom";
}

TEST_CASE("record_check: a permanent redirect is believed at its third equal sighting in a row") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto record = make_check(ready);
        record.cursor = "what the kind remembers";
        record.moved_to = k_target;
        CHECK(commit(ready, record).moved_to.empty());
        CHECK(commit(ready, record).moved_to.empty());
        auto elsewhere = record;
        elsewhere.moved_to = k_target + "2";
        CHECK(commit(ready, elsewhere).moved_to.empty());
        CHECK(commit(ready, record).moved_to.empty());
        CHECK(commit(ready, record).moved_to.empty());
        CHECK(commit(ready, make_check(ready)).moved_to.empty()); // no redirect this time
        CHECK(state_of(ready).moved_seen == 0);
        commit(ready, record);
        commit(ready, record);
        CHECK(state_of(ready).moved_to == k_target);
        CHECK(state_of(ready).moved_seen == 2);
        CHECK(source_of(ready).rss_url == k_feed);
        record.next_check_in = std::chrono::hours(1);
        CHECK(commit(ready, record).moved_to == k_target);
        CHECK(source_of(ready).rss_url == k_target);
        const auto state = state_of(ready);
        CHECK(state.cursor.empty());
        CHECK(state.moved_to.empty());
        CHECK(state.next_check_at);
    }
}

TEST_CASE(
    "record_check: a redirect is not believed against the operator, nor to what no feed can have as address") {
    Ready ready;
    auto record = make_check(ready);
    record.feed_url = k_feed;
    record.moved_to = k_target;
    commit(ready, record);
    commit(ready, record);
    ready.test.run("UPDATE sources SET rss_url = 'https://first.example/chosen'");
    CHECK(commit(ready, record).moved_to.empty());
    CHECK(source_of(ready).rss_url == "https://first.example/chosen");
    record.feed_url.clear();
    for (const char* bad :
         {"ftp://first.example/x", "https://user:pw@first.example/", "https://first.example/chosen", ""}) {
        record.moved_to = bad;
        commit(ready, record);
        CHECK(state_of(ready).moved_seen == 0);
    }
}

TEST_CASE("record_check: the third 410 in a row sets the source inactive and says why") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto gone = make_check(ready);
        gone.success = false;
        gone.error = "HTTP 410 (gone)";
        gone.gone = true;
        auto failed = gone;
        failed.gone = false;
        commit(ready, gone);
        commit(ready, gone);
        commit(ready, failed);
        CHECK(state_of(ready).gone_seen == 0);
        commit(ready, gone);
        CHECK(commit(ready, gone).disabled_reason.empty());
        CHECK(source_of(ready).active);
        const auto recorded = commit(ready, gone);
        CHECK(contains(recorded.disabled_reason, "410"));
        CHECK_FALSE(source_of(ready).active);
        CHECK(state_of(ready).disabled_reason == recorded.disabled_reason);
        CHECK(state_of(ready).gone_seen == 0);
        ready.test.run("UPDATE sources SET active = true");
        CHECK(commit(ready, gone).disabled_reason.empty());
        CHECK(state_of(ready).disabled_reason.empty());
        CHECK(source_of(ready).active);
    }
}

TEST_CASE("record_check: the cursor stays until it is replaced, and falls with the address") {
    Ready ready(Kind::web_2025);
    auto record = make_check(ready);
    record.feed_url = k_feed;
    record.cursor = "first";
    commit(ready, record);
    commit(ready, make_check(ready));
    CHECK(state_of(ready).cursor == "first");
    record.cursor = "";
    commit(ready, record);
    CHECK(state_of(ready).cursor.empty());
    record.cursor = "second";
    commit(ready, record);
    auto other = make_check(ready);
    other.feed_url = k_target;
    commit(ready, other);
    CHECK(state_of(ready).feed_url == k_target);
    CHECK(state_of(ready).cursor.empty());
}

TEST_CASE("record_check: the next check lies as far ahead as was asked, within a year") {
    Ready ready;
    const auto ahead = [&](std::chrono::seconds next) {
        auto record = make_check(ready);
        record.next_check_in = next;
        record.wait_reason = "Retry-After";
        commit(ready, record);
        return ready.test.value(
            "SELECT round(extract(epoch FROM next_check_at - checked_at) / 60) FROM cti.source_state");
    };
    CHECK(ahead(std::chrono::hours(2)) == "120");
    CHECK(ahead(std::chrono::seconds(-5)) == "0");
    CHECK(ahead(std::chrono::seconds::max()) == "527040");
    CHECK(state_of(ready).wait_reason == "Retry-After");
    commit(ready, make_check(ready));
    CHECK_FALSE(state_of(ready).next_check_at);
}

TEST_CASE("record_check: writers wait for each other where they store the same article, and nowhere else") {
    for (const auto kind : {Kind::empty, Kind::web_2025, Kind::web_2026_bare}) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto begun = ready.begin();
        const auto second = insert_source(begun, ready.schema, make_spec("second"));
        begun.commit();
        auto of_first = make_check(ready), of_second = make_check(ready);
        of_second.source_id = second;

        auto first = ready.begin(); // A process that is frozen in its transaction.
        of_first.articles = {make_article(1)};
        CHECK(record_check(first, ready.schema, of_first).count == 1);

        Database other(ready.test.address());
        auto limits = k_write_limits;
        limits.lock = std::chrono::milliseconds(200);
        other.set_write_limits(limits);
        {
            Transaction transaction(other);
            of_second.articles = {make_article(2)};
            CHECK(record_check(transaction, ready.schema, of_second).count == 1);
            transaction.commit();
        }
        of_second.articles = {make_article(1)};
        {
            Transaction transaction(other);
            CHECK_THROWS_AS(record_check(transaction, ready.schema, of_second), LockTimeout);
        }
        first.commit();
        Transaction transaction(other);
        CHECK(record_check(transaction, ready.schema, of_second).count == 0);
        transaction.commit();
        CHECK(ready.test.value("SELECT count(*) FROM public.articles") == "2");
        CHECK(ready.test.value("SELECT count(*) FROM cti.article_keys") == "0");
    }
}

TEST_CASE(
    "record_check: articles that are nearly the same and were stored at the same moment are linked afterwards") {
    Ready ready;
    auto begun = ready.begin();
    const auto second = insert_source(begun, ready.schema, make_spec("second"));
    begun.commit();
    auto of_first = make_check(ready), of_second = make_check(ready);
    of_second.source_id = second;
    of_first.articles = {make_article(1)}, of_second.articles = {make_article(2)};
    of_second.articles[0].simhash = of_first.articles[0].simhash ^ 1U;
    for (auto* record : {&of_first, &of_second}) record->articles[0].word_count = 100;

    auto transaction = ready.begin();
    Database other(ready.test.address());
    Transaction simultaneous(other);
    const auto one = record_check(transaction, ready.schema, of_first),
               two = record_check(simultaneous, ready.schema, of_second);
    simultaneous.commit();
    transaction.commit();
    REQUIRE(one.near_duplicate + two.near_duplicate == 0);
    // Whichever of the two writers comes last.
    for (const auto& written : {one.written, two.written}) {
        ready.test.run("DELETE FROM cti.near_duplicates");
        auto linking = ready.begin();
        link_simultaneous(linking, written);
        linking.commit();
        CHECK(
            ready.test.value(
                "SELECT article_id || ' ' || first_article_id || ' ' || distance FROM cti.near_duplicates") ==
            std::to_string(two.written[0]) + " " + std::to_string(one.written[0]) + " 1");
    }
}

TEST_CASE("Transaction: the server ends one that stands still, and the work is done again") {
    Ready ready;
    Database database(ready.test.address());
    auto limits = k_write_limits;
    limits.idle = std::chrono::milliseconds(100);
    database.set_write_limits(limits);
    int tries = 0;
    with_retry(database, [&](Transaction& transaction) {
        if (tries++ == 0) {
            // Frozen: until the server has closed the session.
            const auto is_there =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            while (ready.test.value(is_there) != "0") {
            }
        }
        set_active(transaction, ready.schema, ready.source_id, false);
    });
    CHECK(tries == 2);
    CHECK(ready.test.value("SELECT active FROM public.sources") == "f");
}

TEST_CASE("host_state: a pause and a robots.txt are kept by the server's clock") {
    Ready ready(Kind::web_2026);
    auto transaction = ready.begin();
    hold_host(transaction, "a.example", std::chrono::seconds(600));
    hold_host(transaction, "a.example", std::chrono::seconds(5));
    hold_host(transaction, "b.example", std::chrono::seconds(-1));
    hold_host(transaction, "c.example", std::chrono::seconds::max());
    keep_robots(transaction, "b.example", 200, "User-agent: *\n\xFF");
    keep_robots(transaction, "b.example", 503, std::nullopt);
    keep_robots(transaction, "d.example", 200, std::string(1 << 20, 'x'));
    const auto states =
        find_host_states(transaction, {"a.example", "b.example", "c.example", "d.example", "e.example"});
    REQUIRE(states.size() == 4);
    CHECK(states.at("a.example").hold == std::chrono::seconds(600));
    CHECK_FALSE(states.at("a.example").robots_age);
    CHECK_FALSE(states.at("b.example").hold);
    CHECK(states.at("b.example").robots_status == 503);
    CHECK_FALSE(states.at("b.example").robots);
    CHECK(states.at("b.example").robots_age == std::chrono::seconds(0));
    CHECK(states.at("c.example").hold == std::chrono::hours(24 * 7));
    CHECK(states.at("d.example").robots.value().size() == 512 << 10);
    CHECK(find_host_states(transaction, {}).empty());
}

TEST_CASE("remove_orphans: what belongs to sources and articles that are gone goes, the rest stays") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto record = make_check(ready);
        for (int i = 0; i < 4; ++i) {
            record.articles.push_back(make_article(i));
            record.articles.back().word_count = 100;
            record.seen.push_back(
                {.entry_key = fmt::format("e{}", i), .candidate = static_cast<std::size_t>(i)});
        }
        commit(ready, record);
        const auto rows = [&](const char* table) {
            return ready.test.value(std::string("SELECT count(*) FROM cti.") + table);
        };
        const auto near = rows("near_duplicates");
        CHECK(near != "0");
        ready.test.run(R"(
            INSERT INTO cti.source_state (source_id) VALUES (4711);
            INSERT INTO cti.source_state (source_id, lease_until) VALUES (4712, now() + interval '1 hour');
            INSERT INTO cti.seen_entries (source_id, entry_key) SELECT 4711, i::text FROM generate_series(1, 6000) AS i;
            INSERT INTO cti.simhashes (article_id, simhash) SELECT i, i FROM generate_series(100001, 106000) AS i;
            INSERT INTO cti.derived (article_id, step, version) SELECT article_id, 'simhash', 1 FROM cti.simhashes ON CONFLICT DO NOTHING;
            INSERT INTO cti.near_duplicates (article_id, first_article_id, distance) VALUES (100001, 1, 2);
            INSERT INTO cti.host_state (host, hold_until) VALUES ('old.example', now() - interval '1 hour'), ('held.example', now() + interval '1 hour');
            INSERT INTO cti.read_marks (article_id, reader) SELECT id, 'anna' FROM articles;
            INSERT INTO cti.read_marks (article_id, reader) SELECT i, 'ben' FROM generate_series(200001, 225000) AS i;
            DELETE FROM content_hashes;
            DELETE FROM articles WHERE title = 'Report 2')");
        const auto tidy_up = [&] {
            auto transaction = ready.begin();
            const auto count = remove_orphans(transaction);
            transaction.commit();
            return count;
        };
        const auto first = tidy_up();
        CHECK(first > 5000);
        CHECK(rows("seen_entries") != "4"); // in small batches
        for (int i = 0; i < 5; ++i) tidy_up();
        CHECK(rows("source_state") == "2");
        CHECK(rows("seen_entries") == "4"); // that of 'Report 2' says that somebody has deleted it
        CHECK(rows("simhashes") == "3");
        CHECK(rows("read_marks") == "3");
        CHECK(rows("host_state") == "1");
        CHECK(
            ready.test.value(
                "SELECT count(*) FROM cti.near_duplicates n WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = n.article_id)") ==
            "0");
        CHECK(tidy_up() == 0);
        ready.test.run("DELETE FROM articles; DELETE FROM source_checks; DELETE FROM sources");
        CHECK(tidy_up() == 0); // a restore under way
        CHECK(rows("simhashes") == "3");
    }
}

TEST_CASE("remove_source: what cti remembers of it goes along") {
    Ready ready;
    auto record = make_check(ready);
    record.seen = {{.entry_key = "e"}};
    commit(ready, record);
    auto transaction = ready.begin();
    remove_source(transaction, ready.source_id);
    transaction.commit();
    CHECK(ready.test.value(
              "SELECT (SELECT count(*) FROM cti.source_state) + (SELECT count(*) FROM cti.seen_entries)") ==
          "0");
}
