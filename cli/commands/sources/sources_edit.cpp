#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/base/url.hpp"
#include "core/ops/sources/source_changes.hpp"
#include "core/ops/sources/subscribe.hpp"
#include "core/sources/spec.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

void add_source_options(Options& app, ops::SourceOptions& options) {
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

struct AddCommand {
    ops::SourceOptions options;
    ops::FetchOptions fetch;
    bool inactive = false;
};

constexpr const char* k_add_usage = "Usage: cti sources add URL, or cti sources add ID NAME URL [OPTIONS]";

ExitCode run_subscribe(const Context& context, const AddCommand& command) {
    ops::DiscoverOptions discover;
    discover.url = command.options.spec.identifier;
    discover.fetch = command.fetch;
    discover.on_note = [](log::Level level, const std::string& message) { log::write(level, message); };
    const auto added = ops::subscribe(make_environment(context), &stop_signal(), discover, command.options);
    log::notice("added source '{}' (id {}): {}", added.spec.identifier, added.id, added.spec.name);
    log::notice("its feed {} has {}{}", without_userinfo(added.spec.rss_url.value_or("")),
                added.entries == 1 ? "1 entry" : fmt::format("{} entries", added.entries),
                added.newest ? ", the newest of " + format_relative(*added.newest, current_time()) : "");
    if (added.other_feeds > 0)
        log::notice("the page announces {} more; 'cti sources discover {}' lists them", added.other_feeds,
                    without_userinfo(discover.url));
    log::hint(fmt::format("Fetch it now: cti collect --source {}", added.spec.identifier));
    return ExitCode::ok;
}

ExitCode run_add(const Context& context, const AddCommand& command) {
    const auto& options = command.options;
    const auto& spec = options.spec;
    if (spec.name.empty()) {
        if (spec.identifier.find_first_of(":./") != std::string::npos) return run_subscribe(context, command);
        throw Error{ExitCode::usage, "NAME is missing", k_add_usage};
    }
    if (spec.url.empty()) throw Error{ExitCode::usage, "URL is missing", k_add_usage};
    const int id = ops::add_source(make_environment(context), options);
    log::notice("added source '{}' (id {})", spec.identifier, id);
    if (spec.rss_url.value_or("").empty())
        log::notice(
            "it has no feed, so its posts are looked for on its pages; 'cti sources test {}' shows what is found, "
            "'cti sources discover {}' looks for a feed",
            spec.identifier, without_userinfo(spec.url));
    return ExitCode::ok;
}

void tell(const std::string& identifier, const std::vector<sources::FieldChange>& changes) {
    if (changes.empty()) return log::notice("source '{}' is like that already", identifier);
    for (const auto& change : changes)
        log::notice("source '{}': {}: '{}' is now '{}'", identifier, change.field, change.before,
                    change.after);
}

ExitCode run_edit(const Context& context, const ops::SourceOptions& options) {
    tell(options.spec.identifier, ops::edit_source(make_environment(context), options));
    return ExitCode::ok;
}

ExitCode switch_sources(const Context& context, const std::vector<std::string>& identifiers, bool active) {
    for (const auto& one : ops::switch_sources(make_environment(context), identifiers, active))
        log::notice("source '{}' {} {}", one.identifier, one.was_already ? "was already" : "is now",
                    active ? "enabled" : "disabled");
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
    auto command = std::make_shared<AddCommand>();
    app.footer(R"(Examples:
  cti sources add https://blog.example.org/
  cti sources add blog Blog http://a.example --rss-url http://a.example/feed
  cti sources add paper 'The Paper' http://b.example --check-frequency 30m
  cti sources add later Later http://c.example --inactive --set rss_only=true

An address alone is asked for its feed, which gives the source its name; nothing
else is fetched. With ID, NAME and URL nothing is asked for at all.)");
    auto& spec = command->options.spec;
    app.add_option("ID", spec.identifier, "Identifier: letters, digits, '_' and '-'; or the address alone")
        .required();
    app.add_option("NAME", spec.name, "Name for people");
    app.add_option("URL", spec.url, "Address of its site, http or https");
    add_source_options(app, command->options);
    app.add_flag("--inactive", command->inactive, "Add it disabled").group("Source");
    add_fetch_options(app, command->fetch);
    return [command](Context& context) {
        if (command->inactive) command->options.spec.active = false;
        return run_add(context, *command);
    };
}

Action setup_sources_edit(Options& app) {
    auto options = std::make_shared<ops::SourceOptions>();
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
