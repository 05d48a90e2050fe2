#include "core/db/pqxx_impl.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/record.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <algorithm>
#include <atomic>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <set>
#include <thread>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
void add_sources(Ready& ready, int count, std::string_view prefix = "source") {
    auto transaction = ready.begin();
    for (int i = 0; i < count; ++i)
        insert_source(transaction, ready.schema, make_spec(fmt::format("{}{:03}", prefix, i)));
    transaction.commit();
}
std::vector<Claim> claim(Ready& ready, const ClaimOptions& options) {
    create_missing_states(ready.database, options);
    auto transaction = ready.begin();
    auto claims = claim_sources(transaction, ready.schema, options);
    transaction.commit();
    return claims;
}
std::vector<std::string> names(const std::vector<Claim>& claims) {
    std::vector<std::string> all;
    for (const auto& claim : claims) all.push_back(claim.source.identifier);
    return all;
}
CheckRecord record_of(const Claim& claim) {
    CheckRecord record;
    record.source_id = claim.source.id;
    record.lease_token = claim.token;
    record.next_check_in = std::chrono::hours(1);
    return record;
}
Recorded commit(Ready& ready, const CheckRecord& record) {
    auto transaction = ready.begin();
    auto recorded = record_check(transaction, ready.schema, record);
    transaction.commit();
    return recorded;
}
void expire(Ready& ready) {
    ready.test.run("UPDATE cti.source_state SET lease_until = now() - interval '1 second'");
}
using Names = std::vector<std::string>;
}

TEST_CASE(
    "claim_sources: a source is handed out once, recorded, and due again later, on every kind of tables") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto claims = claim(ready, {.owner = "host:1"});
        REQUIRE(claims.size() == 1);
        CHECK(claims[0].source.identifier == "first");
        CHECK(claims[0].token.size() == 36);
        CHECK(claims[0].state.lease_owner == "host:1");
        CHECK(claim(ready, {}).empty());
        CHECK(claim(ready, {.force = true}).empty());
        auto record = record_of(claims[0]);
        record.articles = {make_article(1)};
        CHECK(commit(ready, record).count == 1);
        CHECK(claim(ready, {}).empty());
        CHECK(ready.test.value("SELECT lease_token IS NULL AND lease_until IS NULL FROM cti.source_state") ==
              "t");
        ready.test.run("UPDATE cti.source_state SET next_check_at = now()");
        CHECK(claim(ready, {}).size() == 1);
    }
}

TEST_CASE("claim_sources: claimers at the same moment never get the same source") {
    for (const auto kind : {Kind::empty, Kind::web_2026_bare}) {
        Ready ready(kind);
        add_sources(ready, 60);
        std::vector<std::vector<std::string>> got(4);
        std::vector<std::thread> threads;
        for (auto& mine : got)
            threads.emplace_back([&ready, &mine] {
                Database database(ready.test.address());
                create_missing_states(database, {});
                for (bool more = true; more;)
                    with_retry(database, [&](Transaction& transaction) {
                        const auto claims = claim_sources(transaction, ready.schema, {.limit = 5});
                        for (const auto& claim : claims) mine.push_back(claim.source.identifier);
                        more = !claims.empty();
                    });
            });
        for (auto& thread : threads) thread.join();
        std::set<std::string> all;
        std::size_t count = 0;
        for (const auto& mine : got) {
            all.insert(mine.begin(), mine.end());
            count += mine.size();
        }
        CHECK(count == 61);
        CHECK(all.size() == 61);
    }
}

TEST_CASE("claim_sources: what another claimer holds uncommitted is passed over without waiting") {
    Ready ready;
    add_sources(ready, 1);
    claim(ready, {.limit = 0}); // makes the rows
    Database other(ready.test.address());
    Transaction holding(other);
    CHECK(claim_sources(holding, ready.schema, {.limit = 1}).size() == 1);
    const auto claims = claim(ready, {});
    CHECK(claims.size() == 1);
}

TEST_CASE(
    "claim_sources: a claimer that stands still before its commit holds nobody up, with new sources too") {
    Ready ready;
    add_sources(ready, 4);
    Database other(ready.test.address());
    const ClaimOptions some{.limit = 3};
    create_missing_states(other, some);
    Transaction holding(other);
    CHECK(claim_sources(holding, ready.schema, some).size() == 3);
    add_sources(ready, 6, "later");
    CHECK(claim(ready, {.limit = 3}).size() == 3);
    CHECK(claim(ready, {}).size() == 5);
}

TEST_CASE("create_missing_states: a row that somebody has made and not committed is waited for 2 s at most") {
    Ready ready;
    add_sources(ready, 1);
    Database other(ready.test.address());
    Transaction holding(other);
    db::run(holding, "INSERT INTO cti.source_state (source_id) SELECT max(id) FROM public.sources");
    CHECK_THROWS_AS(create_missing_states(ready.database, {}), LockTimeout);
    CHECK(ready.test.value("SELECT current_setting('lock_timeout')") == "0");
}

TEST_CASE("claim_sources: a check that another one recorded since the transaction began is not repeated") {
    Ready ready;
    claim(ready, {.limit = 0});
    auto late = ready.begin();
    const auto begun = server_time(late); // its now() stands still from here
    Database other(ready.test.address());
    with_retry(other, [&](Transaction& transaction) {
        const auto claims = claim_sources(transaction, ready.schema, {});
        REQUIRE(claims.size() == 1);
        record_check(transaction, ready.schema, record_of(claims[0]));
    });
    CHECK(claim_sources(late, ready.schema, {}).empty());
    CHECK(claim_sources(late, ready.schema, {.force = true, .checked_before = begun}).empty());
    CHECK(claim_sources(late, ready.schema, {.force = true}).size() == 1);
}

TEST_CASE(
    "claim_sources: the most overdue come first, and inactive and internal ones never, those without a feed too") {
    Ready ready;
    add_sources(ready, 5);
    auto listing = make_spec("listing");
    listing.rss_url.reset();
    auto internal = make_spec("manual");
    {
        auto transaction = ready.begin();
        insert_source(transaction, ready.schema, listing);
        insert_source(transaction, ready.schema, internal);
        transaction.commit();
    }
    claim(ready, {.limit = 0});
    ready.test.run(R"(
        UPDATE sources SET active = false WHERE identifier = 'source000';
        UPDATE sources SET last_check = now() AT TIME ZONE 'UTC' - interval '3 hours' WHERE identifier <> 'first';
        UPDATE cti.source_state t SET frequency_s = s.check_frequency, next_check_at = now() - CASE s.identifier
            WHEN 'source001' THEN interval '1 minute' WHEN 'source002' THEN interval '3 hours'
            WHEN 'source003' THEN interval '-1 minute' END FROM sources s WHERE s.id = t.source_id)");
    // source004 has only the old rule: due for 2 hours.
    CHECK(names(claim(ready, {.limit = 2})) == Names{"first", "source002"});
    CHECK(names(claim(ready, {})) == Names{"source004", "listing", "source001"});
    CHECK(names(claim(ready, {.force = true})) == Names{"source003"});
}

TEST_CASE("claim_sources: force hands out what is not due once a run, and by name the inactive too") {
    Ready ready;
    add_sources(ready, 2);
    ready.test.run("UPDATE sources SET last_check = now() AT TIME ZONE 'UTC'");
    CHECK(claim(ready, {}).empty());
    auto transaction = ready.begin();
    const auto begun = server_time(transaction);
    transaction.commit();
    ClaimOptions options{.force = true, .checked_before = begun, .limit = 2};
    const auto first = claim(ready, options);
    REQUIRE(first.size() == 2);
    for (const auto& claim : first) commit(ready, record_of(claim));
    const auto second = claim(ready, options);
    REQUIRE(second.size() == 1);
    {
        auto giving_back = ready.begin();
        CHECK(release_lease(giving_back, second[0].source.id, second[0].token));
        CHECK_FALSE(release_lease(giving_back, second[0].source.id, second[0].token));
        giving_back.commit();
    }
    options.exclude_ids = {second[0].source.id};
    CHECK(claim(ready, options).empty());
    options.exclude_ids.clear();
    CHECK(claim(ready, options).size() == 1);

    ready.test.run("UPDATE sources SET active = false");
    options.checked_before.reset();
    CHECK(claim(ready, options).empty());
    options.source_ids = {first[0].source.id};
    CHECK(names(claim(ready, options)) == Names{first[0].source.identifier});
}

TEST_CASE("claim_sources: a lease that has ended is taken over, and its old holder records nothing") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        const auto old = claim(ready, {.owner = "dead:1"});
        REQUIRE(old.size() == 1);
        expire(ready);
        const auto taken = claim(ready, {.owner = "alive:2"});
        REQUIRE(taken.size() == 1);
        CHECK(taken[0].token != old[0].token);

        auto late = record_of(old[0]);
        late.articles = {make_article(1)};
        late.seen = {{.entry_key = "k1", .candidate = 0}};
        const auto fenced = commit(ready, late);
        CHECK(fenced.fenced);
        CHECK_FALSE(fenced.repeated);
        CHECK(fenced.inserted == std::vector<bool>{false});
        CHECK(
            ready.test.value("SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM source_checks) "
                             "+ (SELECT count(*) FROM cti.seen_entries)") == "0");
        CHECK(ready.test.value("SELECT last_check IS NULL FROM sources") == "t");

        auto record = record_of(taken[0]);
        record.articles = {make_article(1)};
        CHECK(commit(ready, record).count == 1);
    }
}

TEST_CASE("record_check: a lease that has ended but was not taken over still counts") {
    Ready ready;
    const auto claims = claim(ready, {});
    REQUIRE(claims.size() == 1);
    expire(ready);
    CHECK_FALSE(commit(ready, record_of(claims[0])).fenced);
}

TEST_CASE("record_check: the same record once more after its commit is recognized, and written once") {
    Ready ready;
    const auto claims = claim(ready, {});
    REQUIRE(claims.size() == 1);
    CHECK_FALSE(commit(ready, record_of(claims[0])).repeated);
    const auto again = commit(ready, record_of(claims[0]));
    CHECK(again.repeated);
    CHECK_FALSE(again.fenced);
    CHECK(ready.test.value("SELECT count(*) FROM source_checks") == "1");
}

TEST_CASE("renew_leases: living leases go on, lost ones are named, rows in use are not waited for") {
    Ready ready;
    add_sources(ready, 2);
    const auto claims = claim(ready, {.limit = 2, .ttl = std::chrono::seconds(5)});
    REQUIRE(claims.size() == 2);
    std::vector<std::string> tokens = {claims[0].token, claims[1].token};
    const auto renew = [&](std::chrono::seconds ttl) {
        auto transaction = ready.begin();
        auto lost = renew_leases(transaction, tokens, ttl);
        transaction.commit();
        return lost;
    };
    CHECK(renew(std::chrono::seconds(600)).empty());
    CHECK(ready.test.value(
              "SELECT count(*) FROM cti.source_state WHERE lease_until > now() + interval '500 seconds'") ==
          "2");
    {
        auto transaction = ready.begin();
        CHECK(count_living_leases(transaction) == 2);
        CHECK(count_living_leases(transaction, {claims[0].source.id, 4711}) == 1);
        CHECK(renew_leases(transaction, {}, std::chrono::seconds(1)).empty());
    }
    expire(ready);
    const auto taken = claim(ready, {.source_ids = {claims[0].source.id}});
    REQUIRE(taken.size() == 1);
    CHECK(renew(std::chrono::seconds(60)) == Names{claims[0].token});

    Database other(ready.test.address());
    Transaction recording(other);
    record_check(recording, ready.schema, record_of(claims[1]));
    CHECK(renew(std::chrono::seconds(60)) == Names{claims[0].token});
    recording.commit();
    CHECK(renew(std::chrono::seconds(60)).size() == 2);
}

TEST_CASE("claim_sources: what was planned by a server's clock that has been set back since does not count") {
    Ready ready;
    auto claims = claim(ready, {});
    REQUIRE(claims.size() == 1);
    commit(ready, record_of(claims[0]));
    CHECK(claim(ready, {}).empty());
    ready.test.run("UPDATE sources SET last_check = last_check + interval '1 day'");
    ready.test.run("UPDATE cti.source_state SET next_check_at = next_check_at + interval '1 day', checked_at "
                   "= checked_at + interval '1 day'");
    claims = claim(ready, {});
    REQUIRE(claims.size() == 1);
    commit(ready, record_of(claims[0])); // by the clock as it is now
    CHECK(claim(ready, {}).empty());
}

TEST_CASE(
    "claim_sources: another address or check_frequency undoes what was remembered, whoever changed it") {
    for (const auto kind : {Kind::web_2025, Kind::web_2026}) {
        Ready ready(kind);
        auto claims = claim(ready, {});
        REQUIRE(claims.size() == 1);
        auto record = record_of(claims[0]);
        record.feed_url = *claims[0].source.rss_url;
        record.cursor = "what the kind remembers";
        commit(ready, record);
        {
            auto transaction = ready.begin();
            const auto state = find_source_state(transaction, ready.source_id).value();
            CHECK(state.feed_url == record.feed_url);
            CHECK(state.cursor == *record.cursor);
            CHECK(state.next_check_at.value() - server_time(transaction) > std::chrono::minutes(59));
            CHECK(state.checked_at);
            CHECK_FALSE(state.lease_until);
            CHECK(find_all_source_states(transaction).at(ready.source_id).cursor == *record.cursor);
            CHECK_FALSE(find_source_state(transaction, 4711));
        }
        // A longer check_frequency: from the last check on. A shorter one: due by it.
        ready.test.run("UPDATE sources SET check_frequency = 86400");
        ready.test.run("UPDATE cti.source_state SET next_check_at = now() - interval '1 hour'");
        CHECK(claim(ready, {}).empty());
        ready.test.run(
            "UPDATE sources SET check_frequency = 60, last_check = last_check - interval '2 minutes'");
        ready.test.run(
            "UPDATE cti.source_state SET next_check_at = now() + interval '1 hour', checked_at = checked_at - interval '2 minutes'");
        claims = claim(ready, {});
        REQUIRE(claims.size() == 1);
        CHECK(claims[0].state.cursor == *record.cursor);
        record.lease_token = claims[0].token;
        commit(ready, record);
        CHECK(claim(ready, {}).empty());

        ready.test.run("UPDATE sources SET rss_url = 'https://first.example/new.xml'");
        claims = claim(ready, {});
        REQUIRE(claims.size() == 1);
        CHECK(claims[0].state.cursor.empty());
        CheckRecord failed = record_of(claims[0]);
        failed.success = false;
        failed.error = "HTTP 404";
        failed.wait_reason = "1 failure";
        commit(ready, failed);
        CHECK(claim(ready, {}).empty());
        auto transaction = ready.begin();
        const auto state = find_source_state(transaction, ready.source_id).value();
        CHECK(state.feed_url == "https://first.example/new.xml");
        CHECK(state.cursor.empty());
        CHECK(state.wait_reason == "1 failure");
    }
}

TEST_CASE("claim_sources: two rows with one id, as lost primary keys allow, are one source") {
    Ready ready(Kind::web_2026_bare);
    ready.test.run("INSERT INTO sources SELECT * FROM sources");
    CHECK(claim(ready, {}).size() == 1);
    CHECK(claim(ready, {}).empty());
}
