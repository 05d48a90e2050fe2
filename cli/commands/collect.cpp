#include "cli/collect_end.hpp"
#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/options/collect_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/collect/report.hpp"
#include "core/io/out.hpp"
#include "core/monitor/metrics.hpp"
#include "core/monitor/observer.hpp"
#include "core/store/own/job_totals.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct CollectCommand {
    ops::CollectOptions options;
    CollectArguments collecting;
    std::string fail_on = "all", format = "text", metrics_file;
};

ExitCode exit_code(const collect::Report& report, const CollectCommand& command) {
    const auto totals = collect::add_up(report);
    if (stop_signal() != 0) return stopped_or(ExitCode::ok);
    if (totals.failed == 0) return ExitCode::ok;
    if (totals.failed == totals.sources) return ExitCode::failure;
    return command.fail_on == "any" ? ExitCode::partial : ExitCode::ok;
}

// For node_exporter's text file collector: what a monitor would tell, less what only it knows.
void write_metrics(const ops::Environment& environment, const std::string& path) {
    auto database = environment.connect();
    monitor::Snapshot snapshot;
    {
        db::Transaction tx(database, db::Access::read_only);
        const auto schema = db::read_schema(tx);
        const auto asked = steady_time();
        snapshot.schema_version = store::last_migration(tx);
        snapshot.taken_at = steady_time();
        snapshot.database_seen_at = snapshot.taken_at;
        snapshot.response_s = std::chrono::duration<double>(snapshot.taken_at - asked).count();
        snapshot.fast = monitor::read_fast_status(tx, schema, 0);
        snapshot.jobs = monitor::read_job_status(tx);
        snapshot.job_totals = std::make_shared<const store::Counters>(store::read_job_totals(tx));
        auto slow = std::make_shared<monitor::SlowStatus>();
        slow->contents = store::read_contents(tx, schema, 0);
        slow->read_at = steady_time();
        snapshot.slow = std::move(slow);
    }
    io::Out out(path);
    if (out.write(monitor::render_metrics({snapshot, current_instant()}, monitor::Exposition::prometheus)))
        out.close();
}

// Its database is waited for as long as the options say.
ops::Environment waiting_environment(const Context& context, const CollectArguments& arguments) {
    auto environment = make_environment(context);
    environment.connect = [&context, &arguments] {
        return open_database(context, {}, outage_policy(arguments));
    };
    return environment;
}

collect::Report collect_watched(const Context& context, const ops::Environment& environment,
                                const ops::CollectOptions& options, bool is_text) {
    CollectView view(context);
    ThreadBoard threads;
    std::unique_ptr<monitor::Watchdog> watchdog;
    auto observer = view.observer();
    observer.threads = &threads;
    observer.on_begin = [&, begin = observer.on_begin](std::size_t sources) {
        if (sources == 0 && is_text) log::notice("no source is due");
        watchdog = watch_threads(threads);
        begin(sources);
    };
    return ops::collect_sources(environment, options, observer);
}

ExitCode run_collect(Context& context, const CollectCommand& command) {
    auto options = command.options;
    options.settings = command.collecting.settings;
    const auto environment = waiting_environment(context, command.collecting);
    const auto report = collect_watched(context, environment, options, command.format == "text");
    if (command.format == "json") {
        io::Out out("-");
        if (out.write(collect::to_json(report))) out.close();
    }
    if (!command.metrics_file.empty()) write_metrics(environment, command.metrics_file);
    summarise(report);
    if (report.results.empty() && report.held_by_others == 0 && report.not_begun == 0 && stop_signal() == 0)
        explain_idle(context);
    else if (stop_signal() == 0)
        tell_news(context, report);
    if (!options.sources.empty() && report.results.empty() && report.held_by_others > 0 && stop_signal() == 0)
        throw Error{ExitCode::locked,
                    fmt::format("{} in the hands of another run",
                                report.held_by_others == 1 ? "the source is" : "the sources are"),
                    "Try again when it is done; 'cti sources show ID' tells who has it."};
    return exit_code(report, command);
}
}

Action setup_collect(Options& app) {
    auto command = std::make_shared<CollectCommand>();
    app.footer(R"(Examples:
  cti collect                          all sources that are due
  cti collect --source cisco_talos     one source, due or not
  cti collect --dry-run --force        what would be new, nothing written
  cti collect -f --restore-deleted     also what somebody has deleted
  cti collect --format json | jq .totals
  cti collect -q --metrics-file /var/lib/node_exporter/cti.prom)");
    app.add_option("-s,--source", command->options.sources, "Only this source, due or not (may be repeated)")
        .type_name("ID")
        .delimiter(',')
        .group("Selection");
    app.add_flag("-f,--force", command->options.force, "All active sources, due or not").group("Selection");
    app.add_flag("-n,--dry-run", command->options.dry_run, "Fetch feeds and compare, write nothing")
        .group("Behaviour");
    app.add_flag("--restore-deleted", command->options.restore_deleted,
                 "Articles that somebody has deleted come back, if their source still shows them")
        .group("Behaviour");
    app.add_option("--index", command->options.index,
                   "When new articles enter the search index; what is not in it is read")
        .one_of({"later", "now"})
        .type_name("WHEN")
        .capture_default_str()
        .group("Behaviour");
    app.add_option("--fail-on", command->fail_on,
                   "Exit with 3 when any source failed; with all, only when every one did (1)")
        .one_of({"all", "any"})
        .type_name("WHICH")
        .capture_default_str()
        .group("Behaviour");
    app.add_option("--max-time", command->options.max_time,
                   "Begin no more sources after this long (90s, 10m)")
        .type_name("TIME")
        .group("Behaviour");
    app.add_option("--format", command->format, "text (summary on stderr) or json (report on stdout)")
        .one_of({"text", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    app.add_option("--metrics-file", command->metrics_file,
                   "Write metrics there for node_exporter's text file collector")
        .type_name("FILE")
        .envname("CTI_METRICS_FILE")
        .group("Output");
    add_collect_options(app, command->collecting);
    return [command](Context& context) { return run_collect(context, *command); };
}
}
