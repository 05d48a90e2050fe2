#include "cli/commands/jobs/jobs.hpp"
#include "cli/database.hpp"
#include "cli/job_arguments.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/schema.hpp"
#include "core/ops/run_row.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/jobs.hpp"
#include "core/work/job_kind.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {
struct AddCommand {
    const work::JobKind& kind;
    JobArgumentValues arguments;
    store::NewJob job;
    std::string at;
    bool wait = false;
};

std::optional<Time> parse_at(const std::string& text) {
    if (text.empty()) return std::nullopt;
    const auto now = current_time();
    // "in 2 h" is what a duration means here.
    if (const auto in = parse_duration(text)) return now + *in;
    if (const auto time = parse_time_argument(text, now))
        return *time > now ? time : std::nullopt; // What is past waits from now on, not since then.
    throw Error{ExitCode::usage, fmt::format("--at: '{}' is no time", printable(text)),
                "Write 2h for in two hours, or 2026-12-24T03:00."};
}

const char* needed_option(work::JobNeed need) {
    switch (need) {
    case work::JobNeed::none: return "";
    case work::JobNeed::export_dir: return " --export-dir DIR";
    case work::JobNeed::backup_dir: return " --backup-dir DIR";
    case work::JobNeed::model: return " --llm-url URL";
    }
    return "";
}

ExitCode run_add(const Context& context, const AddCommand& command) {
    auto job = command.job;
    job.kind = command.kind.name, job.max_attempts = command.kind.max_attempts;
    job.arguments_json = read_job_arguments(command.kind, command.arguments);
    job.run_at = parse_at(command.at);
    job.created_by = ops::this_process();
    store::AddedJob added;
    bool has_worker = false;
    change_database(context, [&](db::Transaction& transaction) {
        require_sources(transaction, command.arguments);
        added = store::add_job(transaction, job);
        has_worker = std::ranges::any_of(store::list_workers(transaction), [&](const store::Worker& worker) {
            return std::ranges::find(worker.kinds, job.kind) != worker.kinds.end();
        });
    });
    if (!command.wait) print(std::to_string(added.id) + "\n");
    if (added.is_new)
        log::notice("job {}: {} waits", added.id, job.kind);
    else
        log::notice("job {} has the key '{}' already: no second one was added", added.id,
                    printable(job.unique_key));
    if (!has_worker && !context.quiet)
        log::hint(fmt::format("No worker that takes it is at work. Start one: cti worker{}",
                              needed_option(command.kind.need)));
    return command.wait ? follow_job(context, added.id) : ExitCode::ok;
}

Action setup_kind(Options& app, const work::JobKind& kind) {
    const std::shared_ptr<AddCommand> command(new AddCommand{kind, {}, {}, {}});
    add_job_arguments(app, kind, command->arguments);
    app.add_option("--priority", command->job.priority, "Higher ones come first")
        .between(-work::k_max_priority, work::k_max_priority)
        .type_name("N")
        .capture_default_str();
    app.add_option("--at", command->at, "Not before: 2h, or 2026-12-24T03:00").type_name("TIME");
    app.add_option("--unique", command->job.unique_key, "No second one of this key while it waits or runs")
        .type_name("KEY");
    app.add_flag("--wait", command->wait, "Follow it to its end, and end with its exit code");
    return [command](Context& context) { return run_add(context, *command); };
}
}

Action setup_jobs_add(Options& app) {
    app.footer(R"(Prints the number of the job.
Examples:
  cti jobs add collect --source cisco_talos --limit 50 --priority 5
  cti jobs add export --output week.csv --days 7
  cti jobs add housekeeping --at 2h --unique housekeeping)");
    return app.choose_from(commands_of_kinds<setup_kind>());
}
}
