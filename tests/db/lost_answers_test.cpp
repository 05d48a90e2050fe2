#include "core/db/database.hpp"
#include "core/store/own/jobs.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <optional>
#include <span>
#include <thread>

// A commit whose answer was lost: whoever tries again finds out what of it stands.
using namespace cti;
using namespace cti::db;
using namespace cti::store;
using namespace std::chrono_literals;

namespace {
template <class Work>
auto in_transaction(Ready& ready, const Work& work) {
    auto transaction = ready.begin();
    auto result = work(transaction);
    transaction.commit();
    return result;
}

std::vector<std::string> names(const std::vector<Claim>& claims) {
    std::vector<std::string> all;
    for (const auto& claim : claims) all.push_back(claim.source.identifier);
    return all;
}
std::vector<long> ids_of(const std::vector<JobClaim>& claims) {
    std::vector<long> ids;
    for (const auto& claim : claims) ids.push_back(claim.id);
    return ids;
}
using Names = std::vector<std::string>;
using Ids = std::vector<long>;
}

TEST_CASE("keep_leased: of a commit whose answer was lost, what it claimed and what is still held") {
    Ready ready; // with a source
    in_transaction(ready, [&](Transaction& tx) {
        insert_source(tx, ready.schema, make_spec("second"));
        return insert_source(tx, ready.schema, make_spec("third"));
    });
    create_missing_states(ready.database, {});
    std::vector<Claim> rolled_back;
    {
        auto transaction = ready.begin();
        rolled_back = claim_sources(transaction, ready.schema, {});
    }
    const auto claims =
        in_transaction(ready, [&](Transaction& tx) { return claim_sources(tx, ready.schema, {}); });
    REQUIRE(claims.size() == 3);
    auto transaction = ready.begin();
    CHECK(keep_leased(transaction, rolled_back).empty());
    CHECK(names(keep_leased(transaction, claims)) == names(claims));
    release_lease(transaction, claims[1].source.id, claims[1].token);
    CHECK(names(keep_leased(transaction, claims)) == Names{names(claims)[0], names(claims)[2]});
}

TEST_CASE("keep_leased: a commit that the server is still at is waited for") {
    Ready ready;
    create_missing_states(ready.database, {});
    Database other(ready.test.address());
    Transaction before(other);
    const auto claims = claim_sources(before, ready.schema, {});
    std::thread committer([&] {
        while (ready.test.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                                "datname = current_database()") == "0") {
        }
        before.commit();
    });
    auto transaction = ready.begin();
    const auto kept = keep_leased(transaction, claims);
    committer.join();
    CHECK(kept.size() == 1);
}

TEST_CASE("keep_held_jobs and keep_finished_jobs: what stands of a commit whose answer was lost") {
    Ready ready;
    NewJob job;
    job.kind = "work";
    const auto add = [&] {
        return in_transaction(ready, [&](Transaction& tx) { return add_job(tx, job); }).id;
    };
    const auto claim = [&](int limit) {
        return in_transaction(ready, [&](Transaction& tx) {
            return claim_jobs(tx, {{"work"}, limit, 60s, "host:1"});
        });
    };
    const auto first = add(), second = add();
    const auto claims = claim(2);
    const auto held = [&] {
        return ids_of(in_transaction(ready, [&](Transaction& tx) { return keep_held_jobs(tx, claims); }));
    };
    const auto finished = [&](std::string_view worker) {
        return in_transaction(ready, [&](Transaction& tx) {
            return keep_finished_jobs(tx, {first, second}, worker);
        });
    };
    CHECK(held() == Ids{first, second});
    CHECK(finished("host:1").empty());
    const JobEnd end{claims[0].id, claims[0].token, JobState::done, 0, "", "{}"};
    CHECK(in_transaction(ready, [&](Transaction& tx) { return finish_jobs(tx, std::span(&end, 1)); }) ==
          Ids{first});
    CHECK(held() == Ids{second});
    CHECK(finished("host:1") == Ids{first});
    CHECK(finished("host:2").empty());
    ready.test.run("UPDATE cti.jobs SET lease_until = now() - interval '1 second'");
    in_transaction(ready, [](Transaction& tx) { return reap_jobs(tx); });
    CHECK(claim(1).front().id == second); // with another token
    CHECK(held().empty());
}
