#include "cli/commands/jobs/schedules.hpp"
#include "cli/database.hpp"
#include "cli/job_arguments.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/schema.hpp"
#include "core/store/own/schedules.hpp"
#include "core/work/schedule_leader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cti::cli {
namespace {

// What `edit` may change; nothing: it stays.
struct EditCommand {
    std::string name;
    std::optional<std::string> cron, zone, arguments;
    std::optional<int> priority;
};

struct AddPlanCommand {
    const work::JobKind& kind;
    JobArgumentValues arguments;
    store::Schedule plan;
};

void check_name(const std::string& name) {
    constexpr std::size_t k_max_name = 64;
    if (!is_plain_name(name) || name.size() > k_max_name || name.front() == '-')
        throw Error{ExitCode::usage, fmt::format("'{}' is no name for a schedule", printable(name)),
                    "Use up to 64 letters, digits, '.', '_' and '-'."};
}

[[noreturn]] void fail_unknown(const std::string& name) {
    throw Error{ExitCode::usage, fmt::format("there is no schedule '{}'", printable(name)),
                "See 'cti schedules list'."};
}

// Changes the plan of this name in one transaction, so that of two who change it each finds what the other
// did.
template <class Change>
store::Schedule change_plan(const Context& context, const std::string& name, const Change& change) {
    store::Schedule changed;
    change_database(context, [&](db::Transaction& transaction) {
        auto plan = store::find_plan(transaction, name);
        if (!plan) fail_unknown(name);
        change(*plan);
        store::change_plan(transaction, *plan);
        changed = *std::move(plan);
    });
    return changed;
}

void say_next(const store::Schedule& plan) {
    log::notice("schedule '{}' runs next at {}", printable(plan.name),
                format_rfc3339(work::check_plan(plan, current_time())));
}

ExitCode run_add_plan(const Context& context, const AddPlanCommand& command) {
    auto plan = command.plan;
    check_name(plan.name);
    plan.kind = command.kind.name;
    plan.arguments_json = read_job_arguments(command.kind, command.arguments);
    work::check_plan(plan, current_time());
    change_database(context, [&](db::Transaction& transaction) {
        require_sources(transaction, command.arguments);
        if (!store::add_plan(transaction, plan))
            throw Error{ExitCode::check, fmt::format("there is a schedule '{}' already", plan.name),
                        fmt::format("Change it: cti schedules edit {}", plan.name)};
    });
    say_next(plan);
    return ExitCode::ok;
}

ExitCode run_edit(const Context& context, const EditCommand& command) {
    if (!command.cron && !command.zone && !command.arguments && !command.priority)
        throw Error{ExitCode::usage, "there is nothing to change",
                    "Give --cron, --tz, --priority or --arguments."};
    const auto plan = change_plan(context, command.name, [&](store::Schedule& changed) {
        if (command.cron) changed.cron = *command.cron;
        if (command.zone) changed.zone = *command.zone;
        if (command.arguments) changed.arguments_json = *command.arguments;
        if (command.priority) changed.priority = *command.priority;
        work::check_plan(changed, current_time());
    });
    if (plan.is_enabled)
        say_next(plan);
    else
        log::notice("schedule '{}' is disabled; see 'cti schedules enable {}'", plan.name, plan.name);
    return ExitCode::ok;
}

ExitCode run_enable(const Context& context, const std::string& name, bool is_enabled) {
    const auto plan = change_plan(context, name, [&](store::Schedule& changed) {
        changed.is_enabled = is_enabled;
        if (is_enabled) work::check_plan(changed, current_time());
    });
    if (is_enabled)
        say_next(plan);
    else
        log::notice("schedule '{}' is disabled", printable(name));
    return ExitCode::ok;
}

ExitCode run_remove(const Context& context, const std::string& name) {
    change_database(context, [&](db::Transaction& transaction) {
        if (!store::remove_plan(transaction, name)) fail_unknown(name);
    });
    log::notice("schedule '{}' is removed; jobs that it became stay", printable(name));
    return ExitCode::ok;
}

ExitCode run_now(const Context& context, const std::string& name) {
    store::AddedJob added;
    change_database(context, [&](db::Transaction& transaction) {
        const auto plan = store::find_plan(transaction, name);
        if (!plan) fail_unknown(name);
        work::check_plan(*plan, current_time());
        added = store::add_job(transaction, work::job_of(*plan, *work::find_job_kind(plan->kind)));
        if (added.is_new) store::record_job(transaction, name, added.id);
    });
    print(std::to_string(added.id) + "\n");
    if (added.is_new)
        log::notice("job {} waits; its times stay as they are", added.id);
    else
        log::notice("job {} of before has not ended: no second one was added", added.id);
    return ExitCode::ok;
}

std::shared_ptr<std::string> add_name(Options& app) {
    auto name = std::make_shared<std::string>();
    app.add_option("SCHEDULE", *name, "Name of the schedule").required();
    return name;
}

Action setup_plan_kind(Options& app, const work::JobKind& kind) {
    const std::shared_ptr<AddPlanCommand> command(new AddPlanCommand{kind, {}, {}});
    app.add_option("--name", command->plan.name, "Name of the schedule").type_name("NAME").required();
    app.add_option("--cron", command->plan.cron, "When: minute hour day month weekday")
        .type_name("CRON")
        .required();
    app.add_option("--tz", command->plan.zone, "Time zone of the expression")
        .type_name("ZONE")
        .capture_default_str();
    app.add_option("--priority", command->plan.priority, "Of its jobs; higher ones come first")
        .between(-work::k_max_priority, work::k_max_priority)
        .type_name("N")
        .capture_default_str();
    add_job_arguments(app, kind, command->arguments);
    return [command](Context& context) { return run_add_plan(context, *command); };
}
}

Action setup_schedules_add(Options& app) {
    app.footer(R"(Examples:
  cti schedules add collect --name talos --cron @hourly --source cisco_talos
  cti schedules add export --name week --cron '0 8 * * MON' --output week.csv)");
    return app.choose_from(commands_of_kinds<setup_plan_kind>());
}

Action setup_schedules_edit(Options& app) {
    auto command = std::make_shared<EditCommand>();
    app.add_option("SCHEDULE", command->name, "Name of the schedule").required();
    app.add_option("--cron", command->cron, "When: minute hour day month weekday").type_name("CRON");
    app.add_option("--tz", command->zone, "Time zone of the expression").type_name("ZONE");
    app.add_option("--priority", command->priority, "Of its jobs; higher ones come first")
        .between(-work::k_max_priority, work::k_max_priority)
        .type_name("N");
    app.add_option("--arguments", command->arguments, "What its jobs are told, all of it, as a JSON object")
        .type_name("JSON");
    app.footer(R"(Examples:
  cti schedules edit collect --cron '0 */2 * * *' --tz Europe/Berlin
  cti schedules edit digest --arguments '{"output": "day.html", "days": 1}')");
    return [command](Context& context) { return run_edit(context, *command); };
}

Action setup_schedules_enable(Options& app) {
    const auto name = add_name(app);
    app.footer(R"(Moments that passed while it was disabled are not caught up with.
Example:
  cti schedules enable digest)");
    return [name](Context& context) { return run_enable(context, *name, true); };
}

Action setup_schedules_disable(Options& app) {
    const auto name = add_name(app);
    app.footer(R"(Monitors whose rounds come by 'collect' pause as well, within a minute.
Example:
  cti schedules disable digest)");
    return [name](Context& context) { return run_enable(context, *name, false); };
}

Action setup_schedules_remove(Options& app) {
    const auto name = add_name(app);
    app.footer(R"(Example:
  cti schedules remove digest)");
    return [name](Context& context) { return run_remove(context, *name); };
}

Action setup_schedules_run(Options& app) {
    const auto name = add_name(app);
    app.footer(R"(Prints the number of the job; a disabled schedule can be run as well.
Examples:
  cti schedules run digest
  cti schedules run housekeeping | xargs cti jobs show)");
    return [name](Context& context) { return run_now(context, *name); };
}
}
