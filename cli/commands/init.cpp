#include "cli/database.hpp"
#include "cli/difference_table.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/init_database.hpp"
#include "core/ops/sources/source_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

using sources::Difference;

constexpr const char* k_init_examples = R"(Examples:
  cti init                           tables, and config/sources.yaml
  cti init --dry-run                 what would change, nothing written
  cti init --no-sources              the tables only
  cti init --config config/          all *.yaml and *.yml of a folder
  cti init --prune --sync-active     make the database follow the file
  cti init --reset --confirm=cti     begin anew: all that cti made is dropped

A row that is there already gets what the file says about it: name, url,
rss_url, check_frequency, lookback_days and the keys below 'config'. What the
file does not mention stays. But for --reset nothing is ever deleted, and that
refuses a database with anything that cti did not make. On the tables of 2026 the
web service's operators decide about check_frequency and lookback_days, unless
--sync-schedule.)";

void tell(const db::SetUpReport& report, bool dry_run) {
    if (report.web_tables_created)
        log::notice("{} the tables, which CTI Scraper can use as well", dry_run ? "would create" : "created");
    for (const auto& migration : report.migrations)
        log::info("{} migration {}", dry_run ? "would apply" : "applied", migration);
    for (const auto& index : report.indexes_made)
        log::notice("{} the lost index or key {} again", dry_run ? "would make" : "made", index);
}

long count_active(const std::vector<Source>& rows) {
    return std::count_if(rows.begin(), rows.end(), [](const Source& row) { return row.active; });
}

std::string summary(const Difference& difference, const ops::InitOptions& options) {
    const auto added = difference.added.size(), changed = difference.changed.size();
    const auto unchanged = difference.unchanged.size();
    auto text = fmt::format(
        "{}{}: {} added, {} changed, {} unchanged", options.dry_run ? "dry run, nothing written: " : "",
        count_of(static_cast<long>(added + changed + unchanged), "source"), added, changed, unchanged);
    if (options.prune) text += fmt::format(", {} disabled", count_active(difference.missing));
    return text;
}

std::string names_of(const std::vector<Source>& rows) {
    std::vector<std::string> names;
    constexpr std::size_t k_max_named = 5;
    for (std::size_t i = 0; i < std::min(rows.size(), k_max_named); ++i) names.push_back(rows[i].identifier);
    return join(names, ", ") + (rows.size() > k_max_named ? ", ..." : "");
}

void tell(const Difference& difference, const ops::InitOptions& options) {
    for (const auto& identifier : difference.doubled)
        log::warning("source '{}' stands more than once in the database, one of its rows is used",
                     identifier);
    log::notice("{}", summary(difference, options));
    if (!difference.active_differs.empty())
        log::notice("the database's 'active' is kept for {}, --sync-active takes the file's: {}",
                    count_of(static_cast<long>(difference.active_differs.size()), "source"),
                    names_of(difference.active_differs));
    const auto only_there = static_cast<long>(difference.missing.size());
    if (only_there > 0 && !options.prune)
        log::notice("not in the file, but in the database: {}, --prune disables: {}",
                    count_of(only_there, "source"), names_of(difference.missing));
}

void tell_preview(const Context& context, const ops::InitResult& result, const ops::InitOptions& options) {
    tell(result.set_up, true);
    const auto table = difference_table(result.difference, options.prune ? "disabled" : "");
    if (!table.empty()) print(table.render(context));
    tell(result.difference, options);
}

void tell_reset(const ops::InitResult& result, bool dry_run) {
    log::notice("{} {} and {}", dry_run ? "would drop" : "dropped",
                count_of(result.dropped.sources, "source"), count_of(result.dropped.articles, "article"));
}

ExitCode run_init(const Context& context, ops::InitOptions options) {
    options.sources_config = context.sources_config;
    const auto result = ops::init_database(make_environment(context), options);
    if (result.is_stopped) return stopped_or(ExitCode::ok);
    if (options.reset) tell_reset(result, options.dry_run);
    if (options.dry_run && result.has_sources) return tell_preview(context, result, options), ExitCode::ok;
    tell(result.set_up, options.dry_run);
    if (result.has_sources)
        tell(result.difference, options);
    else
        log::notice("{}; {}the sources stay as they are",
                    options.dry_run ? "dry run, nothing written" : "the database is ready",
                    options.no_sources ? ""
                                       : fmt::format("there is no {}, so ", ops::k_default_sources_config));
    return ExitCode::ok;
}
}

Action setup_init(Options& app) {
    auto options = std::make_shared<ops::InitOptions>();
    app.footer(k_init_examples);
    app.add_flag("-n,--dry-run", options->dry_run, "Show the differences, write nothing").group("Behaviour");
    app.add_flag("--no-sources", options->no_sources, "The tables only; the sources stay as they are")
        .group("Behaviour");
    app.add_flag("--prune", options->prune, "Disable (never delete) sources that are not in the file")
        .group("Behaviour");
    app.add_flag("--sync-active", options->sync_active, "Take 'active' of existing sources from the file too")
        .group("Behaviour");
    app.add_flag(
           "--sync-schedule", options->sync_schedule,
           "Take check_frequency and lookback_days of existing sources from the file on 2026's tables too")
        .group("Behaviour");
    app.add_flag("--validate-feeds", options->validate_feeds, "Fetch each feed first and report which fail")
        .group("Behaviour");
    app.add_flag("--allow-private", options->allow_private,
                 "With --validate-feeds: feeds on private addresses too")
        .envname("CTI_ALLOW_PRIVATE")
        .group("Behaviour");
    app.add_flag("--reset", options->reset, "Drop all that cti made, and begin anew; for development")
        .group("Behaviour");
    app.add_option("--confirm", options->confirm, "With --reset: the name of the database")
        .type_name("NAME")
        .group("Behaviour");
    add_secrets_option(app, options->secrets_file);
    app.add_option("--time-zone", options->time_zone,
                   "Zone of the web service's timestamps (found out by itself at the first init)")
        .type_name("ZONE")
        .envname("CTI_TIME_ZONE")
        .group("Behaviour");
    return [options](Context& context) { return run_init(context, *options); };
}
}
