#include "core/db/pqxx_impl.hpp"
#include "core/ops/run_row.hpp"
#include "core/store/own/jobs.hpp"
#include "core/work/worker.hpp"

#include <atomic>
#include <csignal>
#include <fmt/format.h>
#include <string>
#include <vector>

// A worker whose jobs do next to nothing, for campaigns and measurements: each writes a row of
// public.effects, which has no unique index, in the transaction that ends it. The database is that of libpq's
// variables.
//   jobs_load add N                   adds N jobs
//   jobs_load work [CONCURRENCY] [LEASE_S]   until it is stopped
//   jobs_load drain [CONCURRENCY]     until no job is ready
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
const work::JobKind k_kinds[] = {{"row", "A row", k_number, nullptr, write_row, 1000}};

void add(long count) {
    db::Database database("");
    for (long first = 0; first < count; first += 1000) {
        std::vector<store::NewJob> jobs;
        for (long i = first; i < std::min(count, first + 1000); ++i) {
            jobs.push_back({.kind = "row", .arguments_json = fmt::format(R"({{"number":{}}})", i)});
            jobs.back().max_attempts = 1000;
        }
        db::with_retry(database, [&](db::Transaction& transaction) { store::add_jobs(transaction, jobs); });
    }
}

void work_on(int concurrency, std::chrono::seconds lease, bool until_empty) {
    work::WorkerSettings settings;
    settings.kinds = k_kinds;
    settings.concurrency = concurrency;
    settings.until_empty = until_empty;
    settings.lease = lease, settings.heartbeat = std::max(std::chrono::seconds(1), lease / 4),
    settings.drain = 2s;
    settings.name = ops::this_process(), settings.version = "load";
    settings.connect = [] {
        return db::Database("",
                            {std::chrono::minutes(5), [](const std::string&) {}, [] { return g_stop != 0; }});
    };
    settings.environment.connect = settings.connect;
    settings.environment.stop = &g_stop;
    const auto report = work::Worker(settings).run();
    fmt::print("{} ended with an end of their own, {} were lost\n", report.done, report.lost);
}
}

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto number = [&](std::size_t i, long otherwise) {
        return words.size() > i ? std::stol(words[i]) : otherwise;
    };
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int which) { g_stop = which; });
    db::start_client();
    if (words.empty()) return 2;
    if (words[0] == "add") add(number(1, 1000));
    if (words[0] == "work" || words[0] == "drain")
        work_on(static_cast<int>(number(1, 4)), std::chrono::seconds(number(2, 60)), words[0] == "drain");
}
