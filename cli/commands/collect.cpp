#include "cli/collecting.hpp"
#include "cli/database.hpp"
#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/collect/report.hpp"
#include "core/io/out.hpp"
#include "core/monitor/metrics.hpp"
#include "core/monitor/observer.hpp"
#include "core/monitor/watchdog.hpp"
#include "core/ops/named_sources.hpp"
#include "core/store/web/sources.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct CollectCommand {
    CollectOptions collecting;
    std::vector<std::string> sources;
    bool force = false, dry_run = false;
    std::string fail_on = "all", format = "text", max_time, metrics_file;
};

// The named sources whatever their schedule; else all active ones with --force; else those that are due.
std::vector<Source> choose(db::Transaction& tx, const db::Schema& schema, const CollectCommand& command) {
    if (command.sources.empty() && !command.force) return store::find_due(tx, schema);
    auto all = store::list_sources(tx, schema);
    if (command.sources.empty()) {
        std::erase_if(all, [](const Source& source) { return !source.active; });
        return all;
    }
    std::vector<std::string> identifiers;
    for (const auto& source : all) identifiers.push_back(source.identifier);
    std::vector<Source> chosen;
    for (const auto& wanted : command.sources) {
        const auto it = std::ranges::find(all, wanted, &Source::identifier);
        if (it == all.end()) throw ops::unknown_source(wanted, identifiers);
        if (std::ranges::find(chosen, wanted, &Source::identifier) == chosen.end()) chosen.push_back(*it);
    }
    return chosen;
}

ExitCode exit_code(const collect::Report& report, const CollectCommand& command) {
    const auto totals = collect::add_up(report);
    if (stop_signal() != 0) return stopped_or(ExitCode::ok);
    if (totals.failed == 0) return ExitCode::ok;
    if (totals.failed == totals.sources) return ExitCode::failure;
    return command.fail_on == "any" ? ExitCode::partial : ExitCode::ok;
}

// For node_exporter's text file collector: what a monitor would tell, less what only it knows.
void write_metrics(db::Database& database, const std::string& path) {
    monitor::Snapshot snapshot;
    {
        db::Transaction tx(database, db::Access::read_only);
        const auto schema = db::read_schema(tx);
        const auto asked = steady_time();
        snapshot.schema_version = store::last_migration(tx);
        snapshot.taken_at = steady_time();
        snapshot.database_seen_at = snapshot.taken_at;
        snapshot.response_s = std::chrono::duration<double>(snapshot.taken_at - asked).count();
        snapshot.facts = monitor::read_facts(tx, schema, 0);
        auto library = std::make_shared<monitor::Library>();
        library->contents = store::read_contents(tx, schema, 0);
        snapshot.library = std::move(library);
    }
    io::Out out(path);
    if (out.write(monitor::render_metrics({snapshot, current_instant()}, monitor::Exposition::prometheus)))
        out.close();
}

// A thread that hangs would keep the sources of this run for ever, as the others go on renewing its leases.
std::unique_ptr<monitor::Watchdog> watch(const ThreadBoard& threads) {
    const SignalsForMainThread guard;
    monitor::WatchdogSettings settings;
    settings.threads = &threads;
    settings.on_hang = end_hung_process;
    return std::make_unique<monitor::Watchdog>(std::move(settings));
}

ExitCode run_collect(Context& context, const CollectCommand& command) {
    auto database = open_database(context);
    database.set_outage_policy(outage_policy(command.collecting));
    std::optional<db::Schema> schema;
    auto options = to_options(command.collecting, make_intelligence(command.collecting.intel));
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
        options.sources = choose(tx, *schema, command);
    }
    std::erase_if(options.sources, store::is_internal);
    options.dry_run = command.dry_run;
    options.pages = options.pages && !command.dry_run;
    options.force = command.force || !command.sources.empty();
    if (!command.max_time.empty()) {
        options.max_time = parse_duration(command.max_time);
        if (!options.max_time)
            throw Error{ExitCode::usage, fmt::format("--max-time: '{}' is no duration", command.max_time),
                        "Write 90s, 10m or 2h."};
    }
    if (options.sources.empty() && command.format == "text") log::notice("no source is due");
    ThreadBoard threads;
    options.threads = &threads;
    const auto watchdog = watch(threads);
    const auto report = collect_with_progress(context, database, *schema, options);
    if (command.format == "json") {
        io::Out out("-");
        if (out.write(collect::to_json(report))) out.close();
    }
    if (!command.metrics_file.empty()) write_metrics(database, command.metrics_file);
    summarise(report);
    if (!command.sources.empty() && report.results.empty() && report.elsewhere > 0 && stop_signal() == 0)
        throw Error{ExitCode::locked,
                    fmt::format("{} in the hands of another run",
                                report.elsewhere == 1 ? "the source is" : "the sources are"),
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
  cti collect --format json | jq .totals
  cti collect -q --metrics-file /var/lib/node_exporter/cti.prom)");
    app.add_option("-s,--source", command->sources, "Only this source, due or not (may be repeated)")
        .type_name("ID")
        .delimiter(',')
        .group("Selection");
    app.add_flag("-f,--force", command->force, "All active sources, due or not").group("Selection");
    app.add_flag("-n,--dry-run", command->dry_run, "Fetch feeds and compare, write nothing")
        .group("Behaviour");
    app.add_option("--fail-on", command->fail_on,
                   "Exit with 3 when any source failed; with all, only when every one did (1)")
        .one_of({"all", "any"})
        .type_name("WHICH")
        .capture_default_str()
        .group("Behaviour");
    app.add_option("--max-time", command->max_time, "Begin no more sources after this long (90s, 10m)")
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
