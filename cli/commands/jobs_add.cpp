#include "cli/commands/jobs.hpp"
#include "cli/database.hpp"
#include "cli/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/schema.hpp"
#include "core/ops/run_row.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/jobs.hpp"
#include "core/work/job_kind.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>

namespace cti::cli {
namespace {
using Type = work::JobArgument::Type;

// The arguments of a kind as options. Elements of a map stay where they are.
struct AddCommand {
    const work::JobKind* kind = nullptr;
    std::map<std::string_view, std::string> texts;
    std::map<std::string_view, std::vector<std::string>> lists;
    std::map<std::string_view, std::optional<long>> numbers;
    std::map<std::string_view, bool> flags;
    store::NewJob job;
    std::string at;
    bool wait = false;
};

std::string option_name(std::string_view name) {
    auto option = "--" + std::string(name);
    std::ranges::replace(option, '_', '-');
    return option;
}

void add_argument(Options& app, AddCommand& command, const work::JobArgument& argument) {
    const auto name = option_name(argument.name);
    const std::string help(argument.help), type(argument.type_name);
    const auto add = [&](auto& value) {
        auto option = app.add_option(name, value, help).type_name(type).group("Arguments");
        if (argument.is_required) option.required();
        return option;
    };
    switch (argument.type) {
    case Type::text: add(command.texts[argument.name]); break;
    case Type::texts: add(command.lists[argument.name]).delimiter(','); break;
    case Type::number: add(command.numbers[argument.name]); break;
    case Type::flag: app.add_flag(name, command.flags[argument.name], help).group("Arguments"); break;
    }
}

// Only what was given.
std::string to_json(const AddCommand& command) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const auto& [name, text] : command.texts)
        if (!text.empty()) json.member(name, text);
    for (const auto& [name, list] : command.lists)
        if (!list.empty()) json.member(name, list);
    for (const auto& [name, number] : command.numbers)
        if (number) json.member(name, *number);
    for (const auto& [name, is_set] : command.flags)
        if (is_set) json.member(name, true);
    json.end_object();
    return out;
}

std::optional<Time> parse_at(const std::string& text) {
    if (text.empty()) return std::nullopt;
    const auto now = current_time();
    // "in 2 h" is what a duration means here.
    if (const auto in = parse_duration(text)) return now + *in;
    if (const auto time = parse_time_argument(text, now)) return time;
    throw Error{ExitCode::usage, fmt::format("--at: '{}' is no time", printable(text)),
                "Write 2h for in two hours, or 2026-12-24T03:00."};
}

ExitCode run_add(const Context& context, const AddCommand& command) {
    auto job = command.job;
    job.kind = command.kind->name, job.max_attempts = command.kind->max_attempts;
    job.arguments_json = to_json(command);
    job.run_at = parse_at(command.at);
    job.created_by = ops::this_process();
    if (command.kind->check != nullptr) command.kind->check(work::Arguments(job.arguments_json));
    store::AddedJob added;
    bool has_worker = false;
    {
        auto database = open_database(context);
        db::with_retry(database, [&](db::Transaction& transaction) {
            db::read_schema(transaction);
            added = store::add_job(transaction, job);
            has_worker =
                std::ranges::any_of(store::list_workers(transaction), [&](const store::Worker& worker) {
                    return std::ranges::find(worker.kinds, job.kind) != worker.kinds.end();
                });
        });
    }
    if (!command.wait) print(std::to_string(added.id) + "\n");
    if (added.is_new)
        log::notice("job {}: {} waits", added.id, job.kind);
    else
        log::notice("job {} has the key '{}' already: no second one was added", added.id,
                    printable(job.unique_key));
    if (!has_worker && !context.quiet)
        log::hint(fmt::format("No worker that takes it is at work. Start one: cti worker{}",
                              command.kind->writes_files ? " --export-dir DIR" : ""));
    return command.wait ? follow_job(context, added.id) : ExitCode::ok;
}

template <const work::JobKind& kind>
Action setup_kind(Options& app) {
    auto command = std::make_shared<AddCommand>();
    command->kind = &kind;
    for (const auto& argument : kind.arguments) add_argument(app, *command, argument);
    app.add_option("--priority", command->job.priority, "Higher ones come first")
        .between(-1000, 1000)
        .type_name("N")
        .capture_default_str();
    app.add_option("--at", command->at, "Not before: 2h, or 2026-12-24T03:00").type_name("TIME");
    app.add_option("--unique", command->job.unique_key, "No second one of this key while it waits or runs")
        .type_name("KEY");
    app.add_flag("--wait", command->wait, "Follow it to its end, and end with its exit code");
    return [command](Context& context) { return run_add(context, *command); };
}

const Command k_kinds[] = {
    {"collect", "Read sources: those that are due, or these", setup_kind<work::k_collect_job>},
    {"export", "Write articles or indicators to a file", setup_kind<work::k_export_job>},
    {"backfill", "Find what is missing of articles that are stored", setup_kind<work::k_backfill_job>},
    {"housekeeping", "Remove what nobody asks for any more", setup_kind<work::k_housekeeping_job>},
    {"backup", "Make a backup", setup_kind<work::k_backup_job>},
    {"verify", "Look whether a backup is whole", setup_kind<work::k_verify_job>},
    {"prune", "Remove old backups", setup_kind<work::k_prune_job>},
};
}

Action setup_jobs_add(Options& app) {
    app.footer(R"(Prints the number of the job.
Examples:
  cti jobs add collect --source cisco_talos --limit 50 --priority 5
  cti jobs add export --output week.csv --days 7
  cti jobs add housekeeping --at 2h --unique housekeeping)");
    return app.choose_from(k_kinds);
}
}
