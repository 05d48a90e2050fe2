#include "core/db/pqxx_impl.hpp"
#include "core/ops/run_row.hpp"
#include "core/store/own/jobs.hpp"
#include "core/work/worker.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fmt/format.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

// A worker whose jobs do next to nothing, for campaigns and measurements. Of the kind "row" each writes a row
// of public.effects, which has no unique index, in the transaction that ends it; of the kind "nothing" it
// does nothing. The database is that of libpq's variables.
//   jobs_load add N [KIND]                   adds N jobs
//   jobs_load work [CONCURRENCY] [LEASE_S]   until it is stopped
//   jobs_load drain [CONCURRENCY] [BATCH]    until no job is ready
//   jobs_load wake N auto|off                from the commit of one job to its beginning, N times
//   jobs_load claim N                        N claims of one job each over one connection, without a worker
using namespace cti;
using namespace std::chrono_literals;

namespace {
std::atomic<int> g_stop = 0;

work::JobResult write_row(const work::JobContext& context, const work::Arguments& arguments) {
    thread_local db::Database database = context.environment.connect();
    db::Transaction transaction(database);
    db::Params params;
    const auto number = params.add(*arguments.number("number"));
    db::run(transaction, fmt::format("INSERT INTO public.effects (number) SELECT {}::bigint", number),
            params);
    context.finish_in(transaction);
    transaction.commit();
    return {};
}

constexpr work::JobArgument k_number[] = {
    {"number", work::JobArgument::Type::number, "N", "Of the row", true}};

// When the last job of the kind "nothing" began, in microseconds of the steady clock.
std::atomic<long> g_begun = 0;
work::JobResult do_nothing(const work::JobContext&, const work::Arguments&) {
    g_begun = std::chrono::duration_cast<std::chrono::microseconds>(steady_time().time_since_epoch()).count();
    g_begun.notify_all();
    return {};
}

const work::JobKind k_kinds[] = {{"row", "A row", k_number, nullptr, write_row, 1000},
                                 {"nothing", "Nothing", k_number, nullptr, do_nothing, 1000}};

void add(long count, const std::string& kind) {
    db::Database database("");
    for (long first = 0; first < count; first += 1000) {
        std::vector<store::NewJob> jobs;
        for (long i = first; i < std::min(count, first + 1000); ++i) {
            jobs.push_back({.kind = kind, .arguments_json = fmt::format(R"({{"number":{}}})", i)});
            jobs.back().max_attempts = 1000;
        }
        db::with_retry(database, [&](db::Transaction& transaction) { store::add_jobs(transaction, jobs); });
    }
}

work::WorkerSettings make_settings(int concurrency, std::chrono::seconds lease) {
    work::WorkerSettings settings;
    settings.kinds = k_kinds;
    settings.concurrency = concurrency;
    settings.lease = lease, settings.heartbeat = std::max(std::chrono::seconds(1), lease / 4),
    settings.drain = 2s;
    settings.name = ops::this_process(), settings.version = "load";
    settings.connect = [] {
        return db::Database("",
                            {std::chrono::minutes(5), [](const std::string&) {}, [] { return g_stop != 0; }});
    };
    settings.environment.connect = settings.connect;
    settings.environment.stop = &g_stop;
    return settings;
}

void work_on(const work::WorkerSettings& settings) {
    const auto begun = steady_time();
    const auto report = work::Worker(settings).run();
    const auto took = std::chrono::duration<double>(steady_time() - begun).count();
    fmt::print("{} ended with an end of their own, {} were lost, {:.2f} s\n", report.done, report.lost, took);
}

void print_times(const char* what, std::vector<double> times_ms) {
    std::ranges::sort(times_ms);
    const auto at = [&](double part) {
        return times_ms[static_cast<std::size_t>(part * static_cast<double>(times_ms.size() - 1))];
    };
    fmt::print("{} {}: p50 {:.2f} ms, p99 {:.2f} ms\n", times_ms.size(), what, at(.5), at(.99));
}

void measure_claims(long count) {
    db::Database database("");
    std::vector<double> took;
    for (long i = 0; i < count; ++i) {
        db::Transaction transaction(database);
        const auto begun = steady_time();
        const auto claims = store::claim_jobs(transaction, {{"nothing"}, 1, 60s, "host:1"});
        took.push_back(std::chrono::duration<double, std::milli>(steady_time() - begun).count());
        if (claims.empty()) break;
        const store::JobEnd end{claims[0].id, claims[0].token, JobState::done, 0, {}};
        store::finish_jobs(transaction, std::span(&end, 1));
        transaction.commit();
    }
    print_times("claims", std::move(took));
}

// One job at a time, while a worker beside waits for it.
void measure_wake(long count, bool listens) {
    auto settings = make_settings(1, 60s);
    settings.listens = listens;
    std::thread worker([&settings] { work::Worker(settings).run(); });
    db::Database database("");
    std::minstd_rand random{1};
    std::vector<double> waits;
    for (long i = 0; i < count && g_stop == 0; ++i) {
        // So that the worker is in no particular moment of its waiting.
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
        g_begun = 0;
        db::with_retry(database, [](db::Transaction& transaction) {
            store::add_job(transaction, {.kind = "nothing", .arguments_json = R"({"number":1})"});
        });
        const auto added =
            std::chrono::duration_cast<std::chrono::microseconds>(steady_time().time_since_epoch()).count();
        g_begun.wait(0);
        waits.push_back(static_cast<double>(std::max(0L, g_begun - added)) / 1000);
    }
    g_stop = SIGTERM;
    worker.join();
    print_times("jobs", std::move(waits));
}
}

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto number = [&](std::size_t i, long otherwise) {
        return words.size() > i ? std::stol(words[i]) : otherwise;
    };
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int which) { g_stop = which; });
    if (words.empty()) return 2;
    const auto concurrency = static_cast<int>(number(1, 4));
    if (words[0] == "add") add(number(1, 1000), words.size() > 2 ? words[2] : "row");
    if (words[0] == "work") work_on(make_settings(concurrency, std::chrono::seconds(number(2, 60))));
    if (words[0] == "claim") measure_claims(number(1, 1000));
    if (words[0] == "wake") measure_wake(number(1, 100), words.size() < 3 || words[2] == "auto");
    if (words[0] == "drain") {
        auto settings = make_settings(concurrency, 60s);
        settings.batch = static_cast<int>(number(2, settings.batch));
        settings.until_empty = true;
        work_on(settings);
    }
}
