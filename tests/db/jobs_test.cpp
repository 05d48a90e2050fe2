#include "core/store/own/job_list.hpp"
#include "core/store/own/job_totals.hpp"
#include "core/store/own/jobs.hpp"
#include "core/work/job_claimer.hpp"
#include "test_database.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <set>
#include <thread>

using namespace cti;
using namespace cti::db;
using namespace cti::store;
using namespace std::chrono_literals;

namespace {

class Queue {
public:
    template <class Work>
    auto in_transaction(const Work& work) {
        auto transaction = m_ready.begin();
        auto result = work(transaction);
        transaction.commit();
        return result;
    }
    AddedJob add(NewJob job = {}) {
        if (job.kind.empty()) job.kind = "work";
        auto transaction = m_ready.begin();
        const auto added = add_job(transaction, job);
        transaction.commit();
        return added;
    }
    std::vector<JobClaim> claim(int limit, std::vector<std::string> kinds = {"work"}) {
        return in_transaction([&](Transaction& tx) { return claim_jobs(tx, {kinds, limit, 60s, "host:1"}); });
    }
    JobClaim claim_one() {
        auto claims = claim(1);
        REQUIRE(claims.size() == 1);
        return claims.front();
    }
    std::vector<long> finish(const JobClaim& claim, JobState state = JobState::done) {
        const JobEnd end{claim.id, claim.token, state, 0, "", R"({"rows":1})"};
        return in_transaction([&](Transaction& tx) { return finish_jobs(tx, std::span(&end, 1)); });
    }
    void expire() { m_ready.test.run("UPDATE cti.jobs SET lease_until = now() - interval '1 second'"); }
    Job get(long id) {
        return in_transaction([&](Transaction& tx) { return find_job(tx, id).value(); });
    }
    JobState state_of(long id) { return get(id).state; }
    TestDatabase& database() { return m_ready.test; }

private:
    Ready m_ready;
};

std::vector<long> ids_of(const std::vector<JobClaim>& claims) {
    std::vector<long> ids;
    for (const auto& claim : claims) ids.push_back(claim.id);
    return ids;
}
using Ids = std::vector<long>;
}

TEST_CASE("claim_jobs: the most urgent first, then the oldest; what is not yet to run and other kinds stay") {
    Queue queue;
    const auto low = queue.add().id, high = queue.add({.priority = 5}).id,
               second = queue.add({.priority = 5}).id;
    const auto later = queue.add({.run_at = current_time() + 1h}).id;
    const auto other = queue.add({.kind = "other"}).id;
    CHECK(ids_of(queue.claim(2)) == Ids{high, second});
    CHECK(ids_of(queue.claim(10)) == Ids{low});
    CHECK(queue.claim(10).empty());
    CHECK(queue.state_of(high) == JobState::running);
    CHECK(queue.state_of(later) == JobState::scheduled);
    CHECK(ids_of(queue.claim(10, {"work", "other"})) == Ids{other});
}

TEST_CASE("claim_jobs: callers at the same moment never get the same job") {
    Queue queue;
    for (int i = 0; i < 200; ++i) queue.add();
    std::vector<std::set<long>> got(4);
    std::vector<std::thread> threads;
    for (auto& mine : got)
        threads.emplace_back([&mine, address = queue.database().address()] {
            Database database(address);
            for (;;) {
                Transaction transaction(database);
                const auto claims = claim_jobs(transaction, {{"work"}, 7, 60s, "host:1"});
                transaction.commit();
                if (claims.empty()) return;
                for (const auto& claim : claims) mine.insert(claim.id);
            }
        });
    for (auto& thread : threads) thread.join();
    std::size_t sum = 0;
    std::set<long> all;
    for (const auto& mine : got) sum += mine.size(), all.insert(mine.begin(), mine.end());
    CHECK(sum == 200);
    CHECK(all.size() == 200);
}

TEST_CASE("finish_jobs: an end with the token of an earlier claim is refused") {
    Queue queue;
    const auto id = queue.add().id;
    const auto first = queue.claim_one();
    queue.expire();
    CHECK(queue.in_transaction([](Transaction& tx) { return reap_jobs(tx); }).ready == 1);
    const auto second = queue.claim_one();
    CHECK(second.attempt == 2);
    CHECK(queue.finish(first).empty());
    CHECK(queue.state_of(id) == JobState::running);
    CHECK(queue.finish(second) == Ids{id});
    CHECK(queue.finish(second).empty());
    const auto done = queue.get(id);
    CHECK(done.state == JobState::done);
    CHECK(done.result_json == R"({"rows": 1})");
    CHECK(done.worker == "host:1");
    CHECK(queue.database().value("SELECT count(*) FROM cti.jobs") == "0");
}

TEST_CASE("put_back_job: it waits as long as was said, and the attempt counts only where it was one") {
    Queue queue;
    const auto id = queue.add().id;
    auto held = queue.claim_one();
    CHECK(queue.in_transaction(
        [&](Transaction& tx) { return put_back_job(tx, id, held.token, 0s, "again", false); }));
    CHECK(queue.get(id).wait_reason == "again");
    held = queue.claim_one();
    CHECK(held.attempt == 1);
    CHECK(queue.in_transaction(
        [&](Transaction& tx) { return put_back_job(tx, id, held.token, 1h, "later", true); }));
    CHECK(queue.state_of(id) == JobState::scheduled);
    CHECK(queue.get(id).attempts == 1);
    CHECK_FALSE(queue.in_transaction(
        [&](Transaction& tx) { return put_back_job(tx, id, held.token, 0s, "", true); }));
}

TEST_CASE("add_job: one of a key at a time; when it has ended there may be another") {
    Queue queue;
    const auto first = queue.add({.unique_key = "night"});
    const auto second = queue.add({.unique_key = "night"});
    CHECK(first.is_new);
    CHECK_FALSE(second.is_new);
    CHECK(second.id == first.id);
    queue.finish(queue.claim_one());
    CHECK(queue.add({.unique_key = "night"}).is_new);
    CHECK(queue.in_transaction([&](Transaction& tx) { return retry_job(tx, first.id); }) ==
          RetryResult::key_taken);
}

TEST_CASE("add_job: the job exists exactly when the transaction commits that added it") {
    Ready ready(all_kinds().front());
    {
        auto transaction = ready.begin();
        add_job(transaction, {.kind = "work"});
    }
    CHECK(ready.test.value("SELECT count(*) FROM cti.jobs") == "0");
}

TEST_CASE(
    "cancel_job: what waits has ended at once; what runs is told to its worker, or ends with its lease") {
    Queue queue;
    const auto cancel = [&](long id) {
        return queue.in_transaction([&](Transaction& tx) { return cancel_job(tx, id); });
    };
    const auto waiting = queue.add().id;
    CHECK(cancel(waiting) == CancelResult::cancelled);
    CHECK(cancel(waiting) == CancelResult::finished);
    CHECK(queue.state_of(waiting) == JobState::cancelled);
    CHECK(cancel(999) == CancelResult::unknown);

    const auto running = queue.add().id;
    const auto held = queue.claim_one();
    CHECK(cancel(running) == CancelResult::requested);
    const auto renewed =
        queue.in_transaction([&](Transaction& tx) { return renew_jobs(tx, std::span(&held, 1), 60s); });
    CHECK(renewed.cancelled == Ids{running});
    CHECK(renewed.lost.empty());
    queue.expire();
    CHECK(queue.in_transaction([](Transaction& tx) { return reap_jobs(tx); }).cancelled == 1);
    CHECK(queue.state_of(running) == JobState::cancelled);
    CHECK(queue.in_transaction([&](Transaction& tx) { return renew_jobs(tx, std::span(&held, 1), 60s); })
              .lost == Ids{running});
}

TEST_CASE(
    "reap_jobs: a job whose worker died for the last time that is allowed is dead, and may be retried") {
    Queue queue;
    const auto id = queue.add({.max_attempts = 2}).id;
    for (int i = 0; i < 2; ++i) {
        queue.claim_one();
        queue.expire();
        queue.in_transaction([](Transaction& tx) { return reap_jobs(tx); });
    }
    CHECK(queue.state_of(id) == JobState::dead);
    CHECK(queue.get(id).error == "its worker host:1 was not heard of any more");
    CHECK(queue.in_transaction([&](Transaction& tx) { return retry_job(tx, id); }) == RetryResult::ready);
    CHECK(queue.claim_one().id == id);
    CHECK(queue.get(id).attempts == 1);
}

TEST_CASE("release_job: a job is taken from its worker, whose end is refused") {
    Queue queue;
    const auto id = queue.add().id;
    const auto held = queue.claim_one();
    const auto release = [&] {
        return queue.in_transaction([&](Transaction& tx) { return release_job(tx, id); });
    };
    CHECK(release());
    CHECK_FALSE(release());
    CHECK(queue.finish(held).empty());
    CHECK(queue.state_of(id) == JobState::ready);
}

TEST_CASE("remove_old_jobs: what was done goes after a week, what failed after a month, with their lines") {
    Queue queue;
    for (const auto state : {JobState::done, JobState::dead}) {
        queue.add();
        const auto held = queue.claim_one();
        queue.finish(held, state);
        queue.in_transaction([&](Transaction& tx) { return add_job_line(tx, held.id, "said"), 0; });
    }
    const auto count_after = [&](int days) {
        queue.database().run(
            fmt::format("UPDATE cti.finished_jobs SET finished_at = now() - interval '{} days'", days));
        queue.in_transaction(
            [](Transaction& tx) { return remove_old_jobs(tx, std::chrono::days{7}, std::chrono::days{30}); });
        return queue.database().value("SELECT count(*) FROM cti.finished_jobs") + " " +
               queue.database().value("SELECT count(*) FROM cti.job_lines");
    };
    CHECK(count_after(6) == "2 2");
    CHECK(count_after(8) == "1 1");
    CHECK(count_after(31) == "0 0");
}

TEST_CASE("add_job_line: the newest two hundred are kept, and none is longer than it may be") {
    Queue queue;
    const auto id = queue.add().id;
    for (int i = 1; i <= k_max_job_lines + 5; ++i)
        queue.in_transaction(
            [&](Transaction& tx) { return add_job_line(tx, id, fmt::format("line {}\x1b", i)), 0; });
    queue.in_transaction([&](Transaction& tx) { return add_job_line(tx, id, std::string(100'000, 'x')), 0; });
    const auto lines = queue.in_transaction([&](Transaction& tx) { return list_job_lines(tx, id); });
    REQUIRE(lines.size() == k_max_job_lines);
    CHECK(lines.front().line.find('\x1b') == std::string::npos);
    CHECK(lines.back().line.size() == 500);
}

TEST_CASE("count_jobs and list_workers: what waits, how long, and who works at what") {
    Queue queue;
    queue.add();
    queue.add({.run_at = current_time() + 1h});
    const auto running = queue.claim_one();
    queue.add({.kind = "other"});
    queue.database().run("UPDATE cti.jobs SET run_at = now() - interval '90 seconds' WHERE kind = 'other'");
    queue.in_transaction([](Transaction& tx) {
        Worker worker;
        worker.name = "host:1", worker.version = "1.0", worker.kinds = {"work", "other"},
        worker.concurrency = 3;
        beat_worker(tx, worker);
        beat_worker(tx, worker);
        return 0;
    });
    const auto counts = queue.in_transaction([](Transaction& tx) { return count_jobs(tx); });
    CHECK(counts.by_kind.at({"work", JobState::running}) == 1);
    CHECK(counts.by_kind.at({"work", JobState::scheduled}) == 1);
    CHECK(counts.by_kind.at({"other", JobState::ready}) == 1);
    CHECK(counts.oldest_ready_s.value() >= 90);
    const auto workers = queue.in_transaction([](Transaction& tx) { return list_workers(tx); });
    REQUIRE(workers.size() == 1);
    CHECK(workers[0].kinds == std::vector<std::string>{"work", "other"});
    CHECK(workers[0].jobs == Ids{running.id});
}

TEST_CASE(
    "jobs: a claim that goes on from a place takes more urgent jobs, and those behind it, in their order") {
    Queue queue;
    std::vector<long> ids;
    for (const int priority : {0, 0, 0, 5, -5}) {
        NewJob job;
        job.priority = priority;
        ids.push_back(queue.add(job).id);
    }
    // In the order that they were added: the third one is the place.
    const auto place = queue.get(ids[1]);
    auto claims = queue.in_transaction([&](Transaction& tx) {
        return claim_jobs(tx, {{"work"}, 10, 60s, "host:1", JobPlace{0, place.run_at.value(), place.id}});
    });
    CHECK(ids_of(claims) == std::vector<long>{ids[3], ids[2]});
    CHECK(ids_of(queue.claim(10)) == std::vector<long>{ids[0], ids[1], ids[4]});
}

TEST_CASE(
    "jobs: what comes before the place where a claimer left, or is less urgent, is found all the same") {
    Queue queue;
    cti::work::JobClaimer claimer({{"work"}, 0, 60s, "host:1"});
    const auto claim = [&] {
        return queue.in_transaction([&](Transaction& tx) { return claimer.claim(tx, 10); });
    };
    // A claim finds at once what a look from the beginning finds, or that look is still to come.
    const auto claim_in_time = [&] {
        auto claims = claim();
        const auto end = std::chrono::steady_clock::now() + 60s;
        while (claims.empty() && !claimer.is_idle() && std::chrono::steady_clock::now() < end)
            claims = claim();
        return ids_of(claims);
    };
    const auto first = queue.add().id;
    CHECK(claim_in_time() == std::vector<long>{first});
    const auto old = queue.add().id;
    queue.database().run(
        fmt::format("UPDATE cti.jobs SET run_at = now() - interval '1 hour' WHERE id = {}", old));
    CHECK(claim_in_time() == std::vector<long>{old});
    NewJob job;
    job.priority = -7;
    const auto low = queue.add(job).id;
    CHECK(claim_in_time() == std::vector<long>{low});
    CHECK(claim_in_time().empty());
    CHECK(claimer.is_idle());
}

TEST_CASE("job totals: what has ended is counted by kind and result, and no removal lets a number fall") {
    Queue queue;
    const auto totals = [&] {
        return queue.in_transaction([](Transaction& tx) { return read_job_totals(tx); });
    };
    const auto done =
        std::pair<std::string, std::string>("cti_jobs_finished_total", "kind=\"work\",result=\"done\"");
    CHECK(totals().empty());
    const auto unwanted = queue.add().id;
    queue.in_transaction([&](Transaction& tx) { return cancel_job(tx, unwanted); });
    CHECK(totals().size() == 1); // what never began has not waited to begin
    for (int i = 0; i < 3; ++i) queue.add();
    for (const auto& claim : queue.claim(2)) queue.finish(claim);
    const auto before = totals();
    CHECK(before.at(done) == 2);
    CHECK(before.at({"cti_job_wait_seconds_bucket", "le=\"0.1\""}) == 2);
    const auto old = queue.claim_one();
    queue.finish(old);
    queue.database().run(
        "UPDATE cti.finished_jobs SET finished_at = now() - interval '40 days' WHERE id <> " +
        std::to_string(old.id));
    CHECK(queue.in_transaction([](Transaction& tx) {
        return remove_old_jobs(tx, std::chrono::days(7), std::chrono::days(30));
    }) == 3);
    CHECK(totals().at(done) == 3);
    CHECK(queue.in_transaction([&](Transaction& tx) { return retry_job(tx, old.id); }) == RetryResult::ready);
    CHECK(totals().at(done) == 3);
    CHECK(totals().at({"cti_job_wait_seconds_bucket", "le=\"0.1\""}) == 3);
    queue.finish(queue.claim_one());
    CHECK(totals().at(done) == 4);
}

TEST_CASE("job totals: tries and leases that ended stay counted when their job has ended, or was retried") {
    Queue queue;
    const auto total = [&](const std::string& name) {
        const auto all = queue.in_transaction([](Transaction& tx) { return read_job_totals(tx); });
        const auto found = all.find({name, "kind=\"work\""});
        return found == all.end() ? 0.0 : found->second;
    };
    queue.add({.max_attempts = 3});
    const auto first = queue.claim_one();
    CHECK(queue.in_transaction(
        [&](Transaction& tx) { return put_back_job(tx, first.id, first.token, 0s, "later", true); }));
    const auto second = queue.claim_one();
    CHECK(queue.in_transaction(
        [&](Transaction& tx) { return put_back_job(tx, second.id, second.token, 0s, "stopped", false); }));
    CHECK(total("cti_job_retries_total") == 1);
    queue.claim_one();
    queue.expire();
    queue.in_transaction([](Transaction& tx) { return reap_jobs(tx).ready; });
    CHECK(total("cti_job_retries_total") == 2);
    CHECK(total("cti_job_lease_expirations_total") == 1);
    queue.claim_one();
    queue.expire();
    CHECK(queue.in_transaction([](Transaction& tx) { return reap_jobs(tx).dead; }) == 1);
    CHECK(total("cti_job_retries_total") == 2);
    CHECK(total("cti_job_lease_expirations_total") == 2);
    CHECK(queue.in_transaction([&](Transaction& tx) { return retry_job(tx, first.id); }) ==
          RetryResult::ready);
    CHECK(total("cti_job_retries_total") == 2);
    CHECK(total("cti_job_lease_expirations_total") == 2);
}

TEST_CASE("job totals: kinds that another program wrote become plain words") {
    Queue queue;
    queue.database().run(
        "INSERT INTO cti.finished_jobs (id, kind, arguments, priority, state, attempts, max_attempts, worker, exit_code, error, result, created_by, created_at) "
        "VALUES (1, E'a\"b\\nC', '{}', 0, 'done', 1, 5, '', 0, '', '{}', '', now())");
    const auto all = queue.in_transaction([](Transaction& tx) { return read_job_totals(tx); });
    REQUIRE(all.size() == 1);
    CHECK(all.begin()->first.second == "kind=\"a_b__\",result=\"done\"");
    CHECK(all.begin()->second == 1);
}
