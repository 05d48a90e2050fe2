#include "core/db/pqxx_impl.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/jobs.hpp"
#include "core/work/job_runner.hpp"
#include "core/work/worker.hpp"
#include "test_database.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <future>
#include <thread>

// The worker: its threads, its lease, its end. What jobs do stands in kinds of the tests' own.
using namespace cti;
using namespace cti::work;
using namespace std::chrono_literals;

namespace {

// What a kind of the tests does; each test sets it before its worker begins.
std::function<JobResult(const JobContext&)> g_run;

// Without a unique index, which would hide a second one.
void write_effect(db::Transaction& transaction, long number) {
    db::run_script(transaction, fmt::format("INSERT INTO public.effects (number) SELECT {}", number));
}

JobResult run_effect(const JobContext& context, const Arguments& arguments) {
    auto database = context.environment.connect();
    db::Transaction transaction(database);
    write_effect(transaction, *arguments.number("number"));
    context.finish_in(transaction);
    transaction.commit();
    return {};
}

constexpr JobArgument k_number[] = {{"number", JobArgument::Type::number, "N", "Whose effect", true}};
const JobKind k_kinds[] = {
    {"call",
     "Whatever the test says",
     {},
     nullptr,
     [](const JobContext& context, const Arguments&) { return g_run(context); }},
    {"effect", "A row", k_number, nullptr, run_effect},
};

class Bench {
public:
    Bench() : m_ready(all_kinds().front()) { test().run("CREATE TABLE public.effects (number bigint)"); }

    long add(const std::string& kind = "call", const std::string& arguments = "{}") {
        auto transaction = m_ready.begin();
        const auto id = store::add_job(transaction, {.kind = kind, .arguments_json = arguments}).id;
        transaction.commit();
        return id;
    }
    Job get(long id) {
        auto transaction = m_ready.begin();
        return store::find_job(transaction, id).value();
    }
    void expire() {
        test().run("UPDATE cti.jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'");
    }
    TestDatabase& test() { return m_ready.test; }

    WorkerSettings settings(const std::string& name = "host:1") {
        WorkerSettings settings;
        settings.kinds = k_kinds;
        settings.name = name, settings.version = "test";
        settings.poll = 50ms, settings.heartbeat = 1s, settings.drain = 0s;
        settings.until_empty = true;
        settings.connect = [this] { return db::Database(test().address()); };
        settings.environment.connect = settings.connect;
        settings.environment.stop = &stop;
        return settings;
    }
    WorkerReport run(const std::string& name = "host:1") { return Worker(settings(name)).run(); }

    std::atomic<int> stop = 0;

private:
    Ready m_ready;
};

// Until another thread has seen to it; the test ends with a failure and not for ever.
template <class Condition>
void wait_until(const Condition& condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    REQUIRE(condition());
}
}

TEST_CASE("worker: every job has its effect once, however many workers there are") {
    Bench bench;
    constexpr int k_jobs = 400;
    for (int i = 0; i < k_jobs; ++i) bench.add("effect", fmt::format(R"({{"number":{}}})", i));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&bench, i] { bench.run(fmt::format("host:{}", i)); });
    for (auto& thread : threads) thread.join();
    CHECK(bench.test().value("SELECT count(*) FROM public.effects") == std::to_string(k_jobs));
    CHECK(
        bench.test().value("SELECT count(*) FROM cti.finished_jobs WHERE state = 'done' AND attempts = 1") ==
        std::to_string(k_jobs));
    CHECK(bench.test().value("SELECT count(*) FROM cti.jobs") == "0");
    CHECK(bench.test().value("SELECT count(*) FROM cti.workers") == "0");
}

TEST_CASE("worker: a plan whose moment comes becomes a job, which one of many workers does") {
    Bench bench;
    bench.test().run(
        "UPDATE cti.schedules SET is_enabled = false; INSERT INTO cti.schedules (name, kind, cron, arguments, next_run_at) VALUES ('plan', 'effect', '0 0 1 1 *', '{\"number\": 1}', now() - interval '1 hour')");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&bench, i] {
            auto settings = bench.settings(fmt::format("host:{}", i));
            settings.until_empty = false;
            Worker(settings).run();
        });
    wait_until([&] { return bench.test().value("SELECT count(*) FROM cti.finished_jobs") == "1"; });
    bench.stop = 15;
    for (auto& thread : threads) thread.join();
    CHECK(bench.test().value("SELECT count(*) FROM public.effects") == "1");
    CHECK(bench.test().value("SELECT lease_until < now() FROM cti.leaders WHERE name = 'schedules'") == "t");
}

TEST_CASE("worker: it ends only when the end of its last job is in the database") {
    Bench bench;
    for (int i = 0; i < 30; ++i) {
        const auto id = bench.add();
        g_run = [](const JobContext& context) {
            context.say("here");
            return JobResult{};
        };
        bench.run();
        CHECK(bench.get(id).state == JobState::done);
    }
    CHECK(bench.test().value("SELECT count(*) FROM cti.job_lines") == "30");
}

TEST_CASE("worker: who was frozen beyond its lease has no effect and no say") {
    Bench bench;
    const auto id = bench.add();
    std::promise<void> is_running, may_go_on;
    std::atomic<int> runs = 0;
    g_run = [&](const JobContext& context) {
        const auto number = ++runs;
        auto database = context.environment.connect();
        db::Transaction transaction(database);
        write_effect(transaction, number);
        if (number == 1) is_running.set_value(), may_go_on.get_future().wait();
        context.finish_in(transaction);
        transaction.commit();
        return JobResult{};
    };
    auto frozen = bench.settings("host:1");
    frozen.heartbeat = 1h; // After the first one it says no more.
    std::thread first([&] { Worker(std::move(frozen)).run(); });
    is_running.get_future().wait();
    bench.expire();
    bench.run("host:2");
    CHECK(bench.get(id).state == JobState::done);
    CHECK(bench.get(id).worker == "host:2");
    may_go_on.set_value();
    first.join();
    CHECK(bench.test().value("SELECT string_agg(number::text, ' ') FROM public.effects") == "2");
    CHECK(bench.get(id).worker == "host:2");
}

TEST_CASE("worker: a job that runs is cancelled, with what it has done until then") {
    Bench bench;
    const auto id = bench.add();
    std::promise<void> is_running;
    g_run = [&](const JobContext& context) {
        is_running.set_value();
        while (!context.environment.is_stopped()) std::this_thread::yield();
        JobResult result;
        result.json = R"({"half":true})";
        return result;
    };
    std::thread worker([&] { bench.run(); });
    is_running.get_future().wait();
    {
        db::Database database(bench.test().address());
        db::Transaction transaction(database);
        CHECK(store::cancel_job(transaction, id) == store::CancelResult::requested);
        transaction.commit();
    }
    worker.join();
    CHECK(bench.get(id).state == JobState::cancelled);
    CHECK(bench.get(id).result_json == R"({"half": true})");
}

TEST_CASE("worker: a stop gives back what is in hand, and the attempt does not count") {
    Bench bench;
    const auto id = bench.add(), waiting = bench.add();
    std::promise<void> is_running;
    g_run = [&](const JobContext& context) {
        is_running.set_value();
        while (!context.environment.is_stopped()) std::this_thread::yield();
        return JobResult{};
    };
    auto settings = bench.settings();
    settings.concurrency = 1;
    std::thread worker([&] { Worker(std::move(settings)).run(); });
    is_running.get_future().wait();
    bench.stop = 15;
    worker.join();
    for (const auto each : {id, waiting}) {
        CHECK(bench.get(each).state == JobState::ready);
        CHECK(bench.get(each).attempts == 0);
    }
    CHECK(bench.get(id).wait_reason == "its worker was stopped");
}

TEST_CASE(
    "worker: what may pass is tried again later, what will not pass has failed, and tries have an end") {
    Bench bench;
    const auto id = bench.add();
    g_run = [](const JobContext&) -> JobResult { throw Error{ExitCode::database, "away"}; };
    for (int i = 1; i <= 5; ++i) {
        bench.run();
        const auto job = bench.get(id);
        CHECK(job.state == (i < 5 ? JobState::scheduled : JobState::dead));
        CHECK(job.attempts == i);
        CHECK((i < 5 ? job.wait_reason : job.error) == "away");
        bench.test().run("UPDATE cti.jobs SET run_at = now()");
    }
    const auto wrong = bench.add();
    g_run = [](const JobContext&) -> JobResult { throw Error{ExitCode::usage, "no such source"}; };
    bench.run();
    CHECK(bench.get(wrong).state == JobState::failed);
    CHECK(bench.get(wrong).exit_code == 2);
    const auto bug = bench.add();
    g_run = [](const JobContext&) -> JobResult { throw std::runtime_error("oops"); };
    bench.run();
    CHECK(bench.get(bug).error == "bug: oops");
}

TEST_CASE("worker: a job of a version that knows more stays, and says why") {
    Bench bench;
    const auto newer = bench.add("effect", R"({"number":1,"colour":"red"})"), unknown = bench.add("paint");
    bench.run();
    const auto job = bench.get(newer);
    CHECK(job.state == JobState::scheduled);
    CHECK(job.attempts == 0);
    CHECK(job.wait_reason == "this version of cti does not know how: effect has no argument 'colour'");
    CHECK(bench.get(unknown).state == JobState::ready); // nobody takes it
    CHECK(bench.get(unknown).attempts == 0);
}

TEST_CASE("worker: it is told of a new job, and does not wait for its next look") {
    Bench bench;
    auto settings = bench.settings();
    settings.until_empty = false, settings.poll = 1h;
    std::promise<void> has_run;
    g_run = [&](const JobContext&) {
        has_run.set_value();
        return JobResult{};
    };
    std::atomic<bool> is_done = false;
    std::thread worker([&] {
        Worker(std::move(settings)).run();
        is_done = true;
    });
    wait_until([&] { return bench.test().value("SELECT count(*) FROM cti.workers") == "1"; });
    const auto id = bench.add();
    has_run.get_future().wait();
    wait_until([&] { return bench.get(id).state == JobState::done; });
    bench.stop = 15;
    bench.add(); // Wakes it.
    worker.join();
    CHECK(is_done);
}

TEST_CASE("find_argument_fault: arguments that are nested without end are refused before they are read") {
    const auto nested = R"({"number":)" + std::string(8000, '[') + std::string(8000, ']') + "}";
    CHECK(find_argument_fault(k_kinds[1], nested) == "its arguments are nested too deeply");
    CHECK(find_argument_fault(k_kinds[1], R"({"number":1})").empty());
}

TEST_CASE("retry_pause: doubles from ten seconds, ends at six hours, and differs by a fifth") {
    CHECK(retry_pause(1, 0.5) == 10s);
    CHECK(retry_pause(2, 0.5) == 20s);
    CHECK(retry_pause(4, 0) == 64s);
    CHECK(retry_pause(4, 1) == 96s);
    CHECK(retry_pause(60, 0.5) == 6h);
}
