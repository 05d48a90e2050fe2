#include "cli/commands/jobs/schedules.hpp"

#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/cron.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/schema.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/schedules.hpp"
#include "core/work/schedule_leader.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

constexpr Command k_schedules_commands[] = {
    {"list", "List schedules, with their next moments", setup_schedules_list},
    {"add", "Add a schedule", setup_schedules_add},
    {"edit", "Change when or with what it runs", setup_schedules_edit},
    {"enable", "Let it run again", setup_schedules_enable},
    {"disable", "Let it rest", setup_schedules_disable},
    {"remove", "Remove a schedule", setup_schedules_remove},
    {"run", "Add its job now, whatever its time is", setup_schedules_run},
};

// A plan, and what is to be said of it.
struct Listed {
    store::Schedule plan;
    std::optional<Time> next; // nothing: it has none, see `note`
    std::string note, last_state;
};

Listed describe(store::Schedule plan, Time now) {
    Listed listed{std::move(plan), {}, {}, {}};
    if (!listed.plan.is_enabled) {
        listed.note = "disabled";
        return listed;
    }
    try {
        listed.next = work::check_plan(listed.plan, now);
        if (listed.plan.is_kept_by_monitors)
            listed.note = "a monitor does it by itself";
        else if (!listed.plan.has_worker)
            listed.note = fmt::format("waits for a worker that takes {}", listed.plan.kind);
        else if (listed.plan.next_run_at)
            listed.next = listed.plan.next_run_at;
    } catch (const Error& error) {
        listed.note = error.what();
    }
    return listed;
}

std::string to_json(const std::vector<Listed>& plans) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& [plan, next, note, state] : plans) {
        json.begin_object().member("name", plan.name).member("cron", plan.cron).member("zone", plan.zone);
        json.member("kind", plan.kind).key("arguments").raw(plan.arguments_json);
        json.member("priority", plan.priority).member("enabled", plan.is_enabled);
        json.member("next_run_at", format_rfc3339(next));
        json.member("last_slot_at", format_rfc3339(plan.last_slot_at))
            .member("last_job_id", plan.last_job_id);
        json.member("last_job_state", state).member("note", note).end_object();
    }
    json.end_array();
    return out + '\n';
}

std::string to_table(const Context& context, const std::vector<Listed>& plans, Time now) {
    Table table({"NAME", "WHEN", "ZONE", "KIND", "NEXT", "LAST", "JOB", "ARGUMENTS", "NOTE"});
    table.keep_first();
    table.wrap_last();
    for (const auto& [plan, next, note, state] : plans)
        table.add({plan.name, plan.cron, plan.zone, plan.kind, moment_text(next, now),
                   moment_text(plan.last_slot_at, now),
                   plan.last_job_id ? fmt::format("{} {}", *plan.last_job_id, state) : "",
                   plan.arguments_json == "{}" ? "" : plan.arguments_json, note});
    return table.render(context);
}

ExitCode run_list(const Context& context, const std::string& format) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    db::read_schema(tx);
    const auto now = current_time();
    std::vector<Listed> plans;
    for (auto& plan : store::list_plans(tx)) {
        plans.push_back(describe(std::move(plan), now));
        auto& listed = plans.back();
        if (!listed.plan.last_job_id) continue;
        // One that ended long ago was removed by housekeeping.
        const auto job = store::find_job(tx, *listed.plan.last_job_id);
        listed.last_state = job ? std::string(name_of(job->state)) : "ended";
    }
    print(format == "json" ? to_json(plans) : to_table(context, plans, now));
    if (plans.empty()) log::notice("there is no schedule; see 'cti schedules add --help'");
    return ExitCode::ok;
}
}

Action setup_schedules_list(Options& app) {
    auto format = std::make_shared<std::string>("table");
    app.add_option("--format", *format, "table, json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str();
    app.footer(R"(Examples:
  cti schedules list
  cti schedules list --format json | jq -r '.[].next_run_at')");
    return [format](Context& context) { return run_list(context, *format); };
}

Action setup_schedules(Options& app) {
    app.footer(
        R"(At each moment of its cron expression a schedule becomes one job, however many
workers and monitors there are. A moment that nobody was there for is caught up
with once. A moment that the clock skips in spring comes right after the gap;
one that it shows twice in autumn comes once.
Examples:
  cti schedules list
  cti schedules edit digest --cron '0 7 * * MON-FRI' --tz Europe/Berlin
  cti schedules run housekeeping)");
    return app.choose_from(k_schedules_commands);
}
}
