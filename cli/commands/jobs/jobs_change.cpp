#include "cli/commands/jobs/jobs.hpp"
#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/schema.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/jobs.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;

std::shared_ptr<long> add_id(Options& app) {
    auto id = std::make_shared<long>(0);
    app.add_option("JOB", *id, "Number of the job").required().positive();
    return id;
}

[[noreturn]] void fail_unknown(long id) {
    throw Error{ExitCode::usage, fmt::format("there is no job {}", id), "See 'cti jobs list'."};
}

template <class Change>
auto change_queue(const Context& context, const Change& change) {
    decltype(change(std::declval<db::Transaction&>())) result{};
    change_database(context, [&](db::Transaction& transaction) { result = change(transaction); });
    return result;
}

ExitCode run_cancel(const Context& context, long id) {
    switch (change_queue(context, [&](db::Transaction& tx) { return store::cancel_job(tx, id); })) {
    case store::CancelResult::unknown: fail_unknown(id);
    case store::CancelResult::finished: log::notice("job {} has ended already", id); break;
    case store::CancelResult::cancelled: log::notice("job {} is cancelled", id); break;
    case store::CancelResult::requested: log::notice("job {} runs: its worker is told to end it", id); break;
    }
    return ExitCode::ok;
}

ExitCode run_retry(const Context& context, long id) {
    switch (change_queue(context, [&](db::Transaction& tx) { return store::retry_job(tx, id); })) {
    case store::RetryResult::unknown: fail_unknown(id);
    case store::RetryResult::ready: log::notice("job {} is ready again", id); break;
    case store::RetryResult::living:
        throw Error{ExitCode::check, fmt::format("job {} has not ended", id),
                    fmt::format("See 'cti jobs show {}'.", id)};
    case store::RetryResult::key_taken:
        throw Error{ExitCode::check, fmt::format("another job has the key of job {} by now", id),
                    "See 'cti jobs list'; the two are the same work."};
    }
    return ExitCode::ok;
}

ExitCode run_release(const Context& context, long id) {
    if (!change_queue(context, [&](db::Transaction& tx) { return store::release_job(tx, id); }))
        throw Error{ExitCode::check, fmt::format("job {} does not run", id),
                    "See 'cti jobs list --state running'."};
    log::notice("job {} is ready again; what its worker does of it counts no more", id);
    return ExitCode::ok;
}

struct PruneCommand {
    int keep_days = 7, keep_dead_days = 30;
};

ExitCode run_prune(const Context& context, const PruneCommand& command) {
    auto database = open_database(context);
    long sum = 0;
    for (long removed = 1; removed > 0 && stop_signal() == 0; sum += removed)
        db::with_retry(database, [&](db::Transaction& tx) {
            removed = store::remove_old_jobs(tx, std::chrono::days{command.keep_days},
                                             std::chrono::days{command.keep_dead_days});
        });
    log::notice("{} removed", count_of(sum, "old job"));
    return stopped_or(ExitCode::ok);
}

// What it said since the last look.
void tell_lines(db::Transaction& transaction, long id, std::size_t& told) {
    const auto lines = store::list_job_lines(transaction, id);
    for (; told < lines.size(); ++told) log::notice("{}", lines[told].line);
}

ExitCode tell_end(const Job& job) {
    if (job.state == JobState::done) {
        log::notice("job {} is done", job.id);
        return static_cast<ExitCode>(job.exit_code);
    }
    log::error("job {} is {}: {}", job.id, name_of(job.state), job.error);
    return job.exit_code == 0 ? ExitCode::failure : static_cast<ExitCode>(job.exit_code);
}
}

ExitCode follow_job(const Context& context, long id) {
    auto database = open_database(context);
    std::size_t told = 0;
    while (stop_signal() == 0) {
        {
            db::Transaction transaction(database, db::Access::read_only);
            const auto job = store::find_job(transaction, id);
            if (!job) fail_unknown(id);
            tell_lines(transaction, id, told);
            if (is_finished(job->state)) return tell_end(*job);
        }
        wait_for_signal(500ms);
    }
    log::notice("job {} goes on; see 'cti jobs show {}', or end it with 'cti jobs cancel {}'", id, id, id);
    return stopped_or(ExitCode::ok);
}

Action setup_jobs_cancel(Options& app) {
    const auto id = add_id(app);
    app.footer(
        R"(One that waits is cancelled at once, one that runs within a second. What it has
done until then stays, and nothing is left half done.
Example:
  cti jobs cancel 1)");
    return [id](Context& context) { return run_cancel(context, *id); };
}

Action setup_jobs_retry(Options& app) {
    const auto id = add_id(app);
    app.footer(R"(Example:
  cti jobs retry 1)");
    return [id](Context& context) { return run_retry(context, *id); };
}

Action setup_jobs_release(Options& app) {
    const auto id = add_id(app);
    app.footer(
        R"(For a worker that hangs. One that died needs nothing: its jobs are ready again
when their lease has ended.
Example:
  cti jobs release 1)");
    return [id](Context& context) { return run_release(context, *id); };
}

Action setup_jobs_prune(Options& app) {
    auto command = std::make_shared<PruneCommand>();
    app.add_option("--keep-days", command->keep_days, "Of those that were done or cancelled")
        .between(0, 36'500)
        .type_name("DAYS")
        .envname("CTI_JOBS_KEEP")
        .capture_default_str();
    app.add_option("--keep-dead-days", command->keep_dead_days, "Of those that failed")
        .between(0, 36'500)
        .type_name("DAYS")
        .capture_default_str();
    app.footer(R"(Housekeeping does the same each night.
Example:
  cti jobs prune --keep-days 1)");
    return [command](Context& context) { return run_prune(context, *command); };
}
}
