#include "cli/commands/sources.hpp"
#include "cli/database.hpp"
#include "cli/options.hpp"
#include "core/base/log.hpp"
#include "core/ops/named_sources.hpp"
#include "core/sources/config.hpp"
#include "core/sources/diff.hpp"
#include "core/sources/spec.hpp"
#include "core/store/web/sources.hpp"

#include <fmt/format.h>
#include <memory>
#include <utility>

namespace cti::cli {
namespace {

// What `add` and `edit` have in common. What was not given stays empty.
struct SourceOptions {
    SourceSpec spec;
    std::optional<std::string> check_frequency;
    std::vector<std::string> settings;
    bool is_inactive = false; // add only
};

void require(const std::string& what, const std::string& problem) {
    if (!problem.empty()) throw Error{ExitCode::usage, fmt::format("{} {}", what, problem)};
}

int seconds_of(const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration)
        throw Error{ExitCode::usage, fmt::format("--check-frequency: '{}' is no duration", text),
                    "Write 1800, 30m or 2h."};
    require("--check-frequency", sources::check_range(duration->count(), sources::k_min_check_frequency_s,
                                                      sources::k_max_check_frequency_s));
    return static_cast<int>(duration->count());
}

// The same rules as for sources.yaml; `config_json` is what the settings are put into.
SourceSpec to_spec(const SourceOptions& options, const std::string& config_json) {
    auto spec = options.spec;
    if (!spec.name.empty()) require("the name", sources::check_name(spec.name));
    if (!spec.url.empty()) require("the address", sources::check_http_url(spec.url));
    if (spec.rss_url && !spec.rss_url->empty()) require("--rss-url", sources::check_http_url(*spec.rss_url));
    if (options.check_frequency) spec.check_frequency_s = seconds_of(*options.check_frequency);
    if (!options.settings.empty()) spec.config_json = config_json;
    for (const auto& setting : options.settings)
        spec.config_json = sources::set_config_key(spec.config_json, setting);
    for (const auto& problem : sources::check_config(spec.config_json))
        require(fmt::format("--set {}:", problem.key), problem.message);
    return spec;
}

void add_source_options(Options& app, SourceOptions& options) {
    const auto* const group = "Source";
    app.add_option("--rss-url", options.spec.rss_url, "Address of its feed; '' for none")
        .type_name("URL")
        .group(group);
    app.add_option("--check-frequency", options.check_frequency,
                   "Seconds between two checks, at least 60, or 30m, 2h")
        .type_name("TIME")
        .group(group);
    app.add_option("--lookback-days", options.spec.lookback_days,
                   "How far back articles are wanted, 1 to 999")
        .between_unsaid(sources::k_min_lookback_days, sources::k_max_lookback_days)
        .type_name("DAYS")
        .group(group);
    app.add_option("--tier", options.spec.tier, "1 to 3, on the web service's tables of 2025 only")
        .between_unsaid(sources::k_min_tier, sources::k_max_tier)
        .type_name("N")
        .group(group);
    app.add_option("--weight", options.spec.weight, "0 to 2, on the web service's tables of 2025 only")
        .between_unsaid(0.0, sources::k_max_weight)
        .type_name("W")
        .group(group);
    app.add_option("--set", options.settings,
                   "A key of its config (may be repeated); dots reach inside, KEY= removes it")
        .type_name("KEY=JSON")
        .one_each()
        .group(group);
}

ExitCode run_add(const Context& context, const SourceOptions& options) {
    require("the id", sources::check_identifier(options.spec.identifier));
    require("the name", sources::check_name(options.spec.name));
    require("the address", sources::check_http_url(options.spec.url));
    auto spec = to_spec(options, "{}");
    if (sources::is_reserved_identifier(spec.identifier))
        throw Error{ExitCode::usage, fmt::format("the id '{}' belongs to the web service", spec.identifier)};
    if (options.is_inactive) spec.active = false;
    auto database = open_database(context);
    int id = 0;
    db::with_retry(database,
                   [&](db::Transaction& tx) { id = store::insert_source(tx, db::read_schema(tx), spec); });
    log::notice("added source '{}' (id {})", spec.identifier, id);
    if (spec.rss_url.value_or("").empty())
        log::notice(
            "it has no feed, so its posts are looked for on its pages; 'cti sources test {}' shows what is found",
            spec.identifier);
    return ExitCode::ok;
}

void tell(const std::string& identifier, const std::vector<sources::FieldChange>& changes) {
    if (changes.empty()) return log::notice("source '{}' is like that already", identifier);
    for (const auto& change : changes)
        log::notice("source '{}': {}: '{}' is now '{}'", identifier, change.field, change.before,
                    change.after);
}

bool says_nothing(const SourceOptions& options) {
    const auto& spec = options.spec;
    return spec.name.empty() && spec.url.empty() && !spec.rss_url && !options.check_frequency &&
           !spec.lookback_days && !spec.tier && !spec.weight && options.settings.empty();
}

ExitCode run_edit(const Context& context, const SourceOptions& options) {
    const auto& identifier = options.spec.identifier;
    if (says_nothing(options))
        throw Error{ExitCode::usage, "nothing to change",
                    "Name what to change, for example --rss-url URL or --name NAME."};
    to_spec(options, "{}"); // Wrong options are told before a database is asked for.
    auto database = open_database(context);
    std::vector<sources::FieldChange> changes;
    db::with_retry(database, [&](db::Transaction& tx) {
        const auto schema = db::read_schema(tx);
        const auto row = ops::get_source(tx, schema, identifier);
        auto spec = to_spec(options, row.config_json);
        changes = sources::compare_fields(row, spec, sources::ActiveFrom::database);
        if (!options.settings.empty())
            store::set_config(tx, schema, row.id, std::exchange(spec.config_json, "{}"));
        store::update_source(tx, schema, row.id, spec, false);
    });
    tell(identifier, changes);
    return ExitCode::ok;
}

// All of them or, where one is not known, none.
ExitCode switch_sources(const Context& context, const std::vector<std::string>& identifiers, bool active) {
    auto database = open_database(context);
    std::vector<std::string> lines;
    const auto* const word = active ? "enabled" : "disabled";
    db::with_retry(database, [&](db::Transaction& tx) {
        lines.clear();
        const auto schema = db::read_schema(tx);
        for (const auto& identifier : identifiers) {
            const auto row = ops::get_source(tx, schema, identifier);
            lines.push_back(fmt::format("source '{}' {} {}", identifier,
                                        row.active == active ? "was already" : "is now", word));
            if (row.active != active) store::set_active(tx, schema, row.id, active);
        }
    });
    for (const auto& line : lines) log::notice("{}", line);
    return ExitCode::ok;
}

Action setup_switch(Options& app, bool active) {
    auto identifiers = std::make_shared<std::vector<std::string>>();
    const auto* const word = active ? "enable" : "disable";
    app.footer(fmt::format(
        "Examples:\n  cti sources {0} cisco_talos\n  cti sources {0} cisco_talos securelist", word));
    app.add_option("ID", *identifiers, "Identifiers of the sources").required();
    return [identifiers, active](Context& context) { return switch_sources(context, *identifiers, active); };
}
}

Action setup_sources_add(Options& app) {
    auto options = std::make_shared<SourceOptions>();
    app.footer(R"(Examples:
  cti sources add blog Blog http://a.example --rss-url http://a.example/feed
  cti sources add paper 'The Paper' http://b.example --check-frequency 30m
  cti sources add later Later http://c.example --inactive --set rss_only=true)");
    app.add_option("ID", options->spec.identifier, "Identifier: letters, digits, '_' and '-'").required();
    app.add_option("NAME", options->spec.name, "Name for people").required();
    app.add_option("URL", options->spec.url, "Address of its site, http or https").required();
    add_source_options(app, *options);
    app.add_flag("--inactive", options->is_inactive, "Add it disabled").group("Source");
    return [options](Context& context) { return run_add(context, *options); };
}

Action setup_sources_edit(Options& app) {
    auto options = std::make_shared<SourceOptions>();
    app.footer(R"(Examples:
  cti sources edit cisco_talos --name Talos --check-frequency 2h
  cti sources edit cisco_talos --rss-url https://blog.example.org/atom.xml
  cti sources edit cisco_talos --set robots.crawl_delay=5 --set rss_only=true
  cti sources edit cisco_talos --rss-url '')");
    app.add_option("ID", options->spec.identifier, "Identifier of the source").required();
    app.add_option("--name", options->spec.name, "Name for people").type_name("NAME").group("Source");
    app.add_option("--url", options->spec.url, "Address of its site").type_name("URL").group("Source");
    add_source_options(app, *options);
    return [options](Context& context) { return run_edit(context, *options); };
}

Action setup_sources_enable(Options& app) { return setup_switch(app, true); }
Action setup_sources_disable(Options& app) { return setup_switch(app, false); }
}
