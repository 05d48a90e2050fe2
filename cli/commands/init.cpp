#include "cli/database.hpp"
#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "cli/source_files.hpp"
#include "cli/term/output.hpp"
#include "cli/validate_feeds.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/migrate.hpp"
#include "core/sources/diff.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

using Specs = std::vector<SourceSpec>;
using sources::Difference;

struct InitCommand {
    bool validate_feeds = false, allow_private = false, prune = false, sync_active = false, dry_run = false;
    std::string time_zone;
    sources::ActiveFrom active_from() const {
        return sync_active ? sources::ActiveFrom::file : sources::ActiveFrom::database;
    }
};

constexpr const char* k_examples = R"(Examples:
  cti init                           tables, and config/sources.yaml
  cti init --dry-run                 what would change, nothing written
  cti init --config config/          all *.yaml and *.yml of a folder
  cti init --prune --sync-active     make the database follow the file

A row that is there already gets what the file says about it: name, url,
rss_url, check_frequency, lookback_days and the keys below 'config'. What the
file does not mention stays. Nothing is ever deleted.)";

void tell(const db::SetUpReport& report, bool dry_run) {
    if (report.web_tables_created)
        log::notice("{} the web service's tables", dry_run ? "would create" : "created");
    for (const auto& migration : report.migrations)
        log::info("{} migration {}", dry_run ? "would apply" : "applied", migration);
}

void tell(const std::vector<FeedProblem>& problems) {
    for (const auto& problem : problems)
        log::warning("source '{}': {} ({}); its address is kept", problem.identifier, problem.what,
                     problem.url);
}

long count_active(const std::vector<Source>& rows) {
    return std::count_if(rows.begin(), rows.end(), [](const Source& row) { return row.active; });
}

std::string summary(const Difference& difference, const InitCommand& command) {
    const auto added = difference.added.size(), changed = difference.changed.size();
    const auto unchanged = difference.unchanged.size();
    auto text = fmt::format(
        "{}{}: {} added, {} changed, {} unchanged", command.dry_run ? "dry run, nothing written: " : "",
        count_of(static_cast<long>(added + changed + unchanged), "source"), added, changed, unchanged);
    if (command.prune) text += fmt::format(", {} disabled", count_active(difference.missing));
    return text;
}

std::string names_of(const std::vector<Source>& rows) {
    std::vector<std::string> names;
    constexpr std::size_t k_most = 5;
    for (std::size_t i = 0; i < std::min(rows.size(), k_most); ++i) names.push_back(rows[i].identifier);
    return join(names, ", ") + (rows.size() > k_most ? ", ..." : "");
}

void tell(const Difference& difference, const InitCommand& command) {
    for (const auto& identifier : difference.doubled)
        log::warning("source '{}' stands more than once in the database, one of its rows is used",
                     identifier);
    log::notice("{}", summary(difference, command));
    if (!difference.active_differs.empty())
        log::notice("the database's 'active' is kept for {}, --sync-active takes the file's: {}",
                    count_of(static_cast<long>(difference.active_differs.size()), "source"),
                    names_of(difference.active_differs));
    const auto only_there = static_cast<long>(difference.missing.size());
    if (only_there > 0 && !command.prune)
        log::notice("not in the file, but in the database: {}, --prune disables: {}",
                    count_of(only_there, "source"), names_of(difference.missing));
}

Difference compare(db::Transaction& tx, const db::Schema& schema, const Specs& specs,
                   const InitCommand& command) {
    return sources::compare(store::list_sources(tx, schema), specs, command.active_from());
}

Difference apply(db::Transaction& tx, const Specs& specs, const InitCommand& command) {
    const auto schema = db::read_schema(tx);
    auto difference = apply_sources(tx, schema, specs, command.active_from());
    if (!command.prune) return difference;
    for (const auto& row : difference.missing)
        if (row.active) store::set_active(tx, schema, row.id, false);
    return difference;
}

// Read only where the schema is there, so that a role without any right to write can run it; else in a set-up
// that is rolled back.
Difference preview(db::Database& database, const Specs& specs, const InitCommand& command) {
    try {
        db::Transaction tx(database, db::Access::read_only);
        return compare(tx, db::read_schema(tx), specs, command);
    } catch (const Error& e) {
        if (e.code() != ExitCode::schema) throw;
        log::info("{}", e.what());
    }
    Difference difference;
    const auto report = db::set_up(database, command.time_zone, true, [&](db::Transaction& tx) {
        difference = compare(tx, db::read_schema(tx), specs, command);
    });
    tell(report, true);
    return difference;
}

ExitCode show_preview(const Context& context, db::Database& database, const Specs& specs,
                      const InitCommand& command) {
    const auto difference = preview(database, specs, command);
    const auto table = difference_table(difference, command.prune ? "disabled" : "");
    if (!table.empty()) print(table.render(context));
    tell(difference, command);
    return ExitCode::ok;
}

ExitCode run_init(Context& context, const InitCommand& command) {
    const auto specs = read_configured_sources(context);
    if (command.prune && (!specs || specs->empty()))
        throw Error{ExitCode::usage,
                    "cannot prune: there is no source in the file, so all would be disabled"};
    auto database = open_database(context);
    if (specs && command.validate_feeds) tell(validate_feeds(*specs, command.allow_private));
    if (stop_signal() != 0) return stopped_or(ExitCode::ok);
    if (command.dry_run && specs) return show_preview(context, database, *specs, command);
    Difference difference;
    const auto report = db::set_up(database, command.time_zone, command.dry_run, [&](db::Transaction& tx) {
        if (specs) difference = apply(tx, *specs, command);
    });
    tell(report, command.dry_run);
    if (specs)
        tell(difference, command);
    else
        log::notice("{}; there is no {}, so its sources stay as they are",
                    command.dry_run ? "dry run, nothing written" : "the database is ready",
                    k_default_sources_config);
    return ExitCode::ok;
}
}

Action setup_init(Options& app) {
    auto command = std::make_shared<InitCommand>();
    app.footer(k_examples);
    app.add_flag("-n,--dry-run", command->dry_run, "Show the differences, write nothing").group("Behaviour");
    app.add_flag("--prune", command->prune, "Disable (never delete) sources that are not in the file")
        .group("Behaviour");
    app.add_flag("--sync-active", command->sync_active, "Take 'active' of existing sources from the file too")
        .group("Behaviour");
    app.add_flag("--validate-feeds", command->validate_feeds, "Fetch each feed first and report which fail")
        .group("Behaviour");
    app.add_flag("--allow-private", command->allow_private,
                 "With --validate-feeds: feeds on private addresses too")
        .envname("CTI_ALLOW_PRIVATE")
        .group("Behaviour");
    app.add_option("--time-zone", command->time_zone,
                   "Zone of the web service's timestamps (found out by itself at the first init)")
        .type_name("ZONE")
        .envname("CTI_TIME_ZONE")
        .group("Behaviour");
    return [command](Context& context) { return run_init(context, *command); };
}
}
