#include "cli/commands/jobs/jobs.hpp"

#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/work/job_json.hpp"
#include "core/work/job_kind.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

constexpr Command k_jobs_commands[] = {
    {"status", "Count jobs, and say who works", setup_jobs_status},
    {"add", "Ask for work", setup_jobs_add},
    {"list", "List jobs: those that wait or run, then those that have ended", setup_jobs_list},
    {"show", "Show a job, with what it said", setup_jobs_show},
    {"cancel", "Cancel a job", setup_jobs_cancel},
    {"retry", "Let a job that has ended run again", setup_jobs_retry},
    {"release", "Take a job that runs from its worker", setup_jobs_release},
    {"prune", "Remove jobs that ended long ago", setup_jobs_prune},
};

struct JobListCommand {
    std::vector<std::string> states, kinds;
    int limit = 50;
    std::string format = "table";
};

struct JobShowCommand {
    long id = 0;
    std::string format = "table";
};

void add_format_option(Options& app, std::string& format, const std::vector<std::string>& formats) {
    app.add_option("--format", format, join(formats, ", "))
        .one_of(formats)
        .type_name("FORMAT")
        .capture_default_str();
}

std::string status_text(const Context& context, const store::JobCounts& counts,
                        const std::vector<store::Worker>& workers) {
    Table jobs({"KIND", "STATE", "JOBS"});
    for (const auto& [key, count] : counts.by_kind)
        jobs.add({key.first, std::string(name_of(key.second)), std::to_string(count)});
    Table who({"WORKER", "STATE", "THREADS", "LAST SEEN", "JOBS"});
    for (const auto& worker : workers) {
        std::vector<std::string> ids;
        for (const auto id : worker.jobs) ids.push_back(std::to_string(id));
        who.add({worker.name, std::string(store::state_of(worker)), std::to_string(worker.concurrency),
                 fmt::format("{:.0f} s ago", worker.silent_s), join(ids, " ")});
    }
    std::string out;
    if (!jobs.empty()) out += jobs.render(context);
    if (!jobs.empty() && !who.empty()) out += '\n';
    if (!who.empty()) out += who.render(context);
    return out;
}

ExitCode run_status(const Context& context, const std::string& format) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    db::read_schema(tx);
    const auto counts = store::count_jobs(tx);
    const auto workers = store::list_workers(tx);
    if (format == "json") {
        print(work::to_json(counts, workers));
        return ExitCode::ok;
    }
    print(status_text(context, counts, workers));
    if (counts.by_kind.empty()) log::notice("there is no job, and none has ended in the last day");
    if (counts.oldest_ready_s)
        log::notice(
            "the oldest that is ready has waited for {}",
            format_duration(std::chrono::microseconds(static_cast<long>(*counts.oldest_ready_s * 1e6))));
    if (workers.empty() && counts.oldest_ready_s) log::hint("No worker is at work. Start one: cti worker");
    return ExitCode::ok;
}

std::string reason_of(const Job& job) {
    if (!job.error.empty()) return job.error;
    if (job.cancel_requested) return "is to be cancelled";
    return job.wait_reason;
}

std::string json_lines(const std::vector<Job>& jobs) {
    std::string out;
    for (const auto& job : jobs) {
        JsonWriter json(out);
        json.begin_object();
        work::write_job(json, job);
        json.end_object();
        out += '\n';
    }
    return out;
}

std::string table_of(const Context& context, const std::vector<Job>& jobs) {
    Table table({"ID", "KIND", "STATE", "PRIORITY", "ADDED", "ENDED", "ARGUMENTS", "REASON"});
    table.wrap_last();
    const auto now = current_time();
    for (const auto& job : jobs)
        table.add({std::to_string(job.id), job.kind, std::string(name_of(job.state)),
                   std::to_string(job.priority), moment_text(job.created_at, now),
                   moment_text(job.finished_at, now), job.arguments_json == "{}" ? "" : job.arguments_json,
                   reason_of(job)});
    return table.render(context);
}

ExitCode run_job_list(const Context& context, const JobListCommand& command) {
    store::JobListOptions options;
    options.kinds = command.kinds, options.limit = command.limit;
    for (const auto& name : command.states) options.states.push_back(find_value<JobState>(name).value());
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    db::read_schema(tx);
    const auto jobs = store::list_jobs(tx, options);
    print(command.format == "json"     ? work::to_json(jobs)
          : command.format == "ndjson" ? json_lines(jobs)
                                       : table_of(context, jobs));
    if (jobs.empty()) log::notice("there is no such job");
    return ExitCode::ok;
}

void add_row(Table& table, const char* field, const std::string& value) {
    if (!value.empty() && value != "-") table.add({field, value});
}

std::string page_of(const Context& context, const Job& job, const std::vector<store::JobLine>& lines) {
    Table table({"FIELD", "VALUE"});
    table.wrap_last();
    const auto now = current_time();
    add_row(table, "id", std::to_string(job.id));
    add_row(table, "kind", job.kind);
    add_row(table, "state", std::string(name_of(job.state)));
    add_row(table, "arguments", job.arguments_json);
    add_row(table, "unique_key", job.unique_key);
    add_row(table, "priority", std::to_string(job.priority));
    add_row(table, "attempts", fmt::format("{} of {}", job.attempts, job.max_attempts));
    add_row(table, "run_at", moment_text(job.run_at, now));
    add_row(table, "reason", reason_of(job));
    add_row(table, "worker", job.worker);
    add_row(table, "lease_until", moment_text(job.lease_until, now));
    add_row(table, "added_by", job.created_by);
    add_row(table, "added_at", moment_text(job.created_at, now));
    add_row(table, "started_at", moment_text(job.started_at, now));
    add_row(table, "finished_at", moment_text(job.finished_at, now));
    if (is_finished(job.state)) add_row(table, "exit_code", std::to_string(job.exit_code));
    if (job.result_json != "{}") add_row(table, "result", job.result_json);
    auto out = table.render(context);
    if (lines.empty()) return out;
    Table said({"SAID", "LINE"});
    said.wrap_last();
    for (const auto& line : lines) said.add({moment_text(line.said_at, now), line.line});
    return out + '\n' + said.render(context);
}

ExitCode run_job_show(const Context& context, const JobShowCommand& command) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    db::read_schema(tx);
    const auto job = store::find_job(tx, command.id);
    if (!job)
        throw Error{ExitCode::usage, fmt::format("there is no job {}", command.id), "See 'cti jobs list'."};
    const auto lines = store::list_job_lines(tx, command.id);
    print(command.format == "json" ? work::to_json(*job, lines) : page_of(context, *job, lines));
    return ExitCode::ok;
}
}

Action setup_jobs_status(Options& app) {
    auto format = std::make_shared<std::string>("table");
    add_format_option(app, *format, {"table", "json"});
    app.footer(R"(Jobs that have ended are counted for a day.
Examples:
  cti jobs status
  cti jobs status --format json | jq .oldest_ready_seconds)");
    return [format](Context& context) { return run_status(context, *format); };
}

Action setup_jobs_list(Options& app) {
    auto command = std::make_shared<JobListCommand>();
    std::vector<std::string> states, kinds;
    for (const auto name : k_names<JobState>) states.emplace_back(name);
    for (const auto& kind : work::job_kinds()) kinds.emplace_back(kind.name);
    app.add_option("--state", command->states, "Only jobs in this state (may be repeated)")
        .one_of(states)
        .type_name("STATE")
        .delimiter(',');
    app.add_option("--kind", command->kinds, "Only jobs of this kind (may be repeated)")
        .one_of(kinds)
        .type_name("KIND")
        .delimiter(',');
    app.add_option("--limit", command->limit, "The first N only")
        .between(1, 10'000)
        .type_name("N")
        .capture_default_str();
    add_format_option(app, command->format, {"table", "json", "ndjson"});
    app.footer(R"(Examples:
  cti jobs list
  cti jobs list --state running
  cti jobs list --state dead,failed --format ndjson | jq -r .error)");
    return [command](Context& context) { return run_job_list(context, *command); };
}

Action setup_jobs_show(Options& app) {
    auto command = std::make_shared<JobShowCommand>();
    app.add_option("JOB", command->id, "Number of the job").required().positive();
    add_format_option(app, command->format, {"table", "json"});
    app.footer(R"(Example:
  cti jobs show 1)");
    return [command](Context& context) { return run_job_show(context, *command); };
}

Action setup_jobs(Options& app) {
    app.footer(
        R"(Work that is asked for here is done by whoever runs 'cti worker'.
Examples:
  cti jobs add collect --source cisco_talos --priority 5
  cti jobs status)");
    return app.choose_from(k_jobs_commands);
}
}
