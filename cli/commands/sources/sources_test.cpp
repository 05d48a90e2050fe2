#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/options/collect_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/collect/report.hpp"
#include "core/io/out.hpp"
#include "core/sources/reading.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct TestCommand {
    std::string identifier;
    bool all = false, json = false;
    ops::CollectSettings settings;
};

void write_entry(JsonWriter& json, const collect::EntryReport& entry) {
    const auto& from = entry.provenance;
    json.begin_object().member("outcome", name_of(entry.outcome)).member_or_null("reason", entry.reason);
    json.member_or_null("url", entry.url)
        .member_or_null("title", entry.title)
        .member_or_null("title_source", from.title);
    json.member("published", format_rfc3339(entry.published)).member_or_null("date_source", from.date);
    json.member("authors", entry.authors).member_or_null("author_source", from.authors);
    json.member_or_null("text_source", from.text).member_or_null("text_reason", from.text_reason);
    json.member("completeness", from.completeness).member("word_count", entry.word_count).end_object();
}

std::string to_json(const collect::Outcome& outcome) {
    std::string out;
    JsonWriter json(out, 2);
    const auto& result = outcome.result;
    json.begin_object().member("identifier", result.identifier).member("method", name_of(result.method));
    json.member("success", result.status != CheckStatus::failed).member_or_null("error", result.error);
    json.member("pages", outcome.pages)
        .member("pages_failed", outcome.pages_failed)
        .key("entries")
        .begin_array();
    for (const auto& entry : outcome.entries) write_entry(json, entry);
    json.end_array().key("filtered").begin_object();
    for (const auto& [reason, count] : result.filtered) json.member(reason.name(), count);
    json.end_object().member("warnings", outcome.warnings).end_object();
    return out + '\n';
}

std::string from(std::string_view source) {
    return source.empty() ? std::string() : fmt::format(" ({})", printable(source));
}

// "new      A title": what would be stored, and below it where each value comes from.
void add_entry(std::string& out, const collect::EntryReport& entry) {
    const auto& source = entry.provenance;
    out += fmt::format("{:<9}{}{}\n", name_of(entry.outcome),
                       printable(entry.title.empty() ? entry.url : entry.title), from(source.title));
    const auto line = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) out += fmt::format("         {:<10}{}\n", name, value);
    };
    if (entry.outcome != EntryOutcome::known) line("why", printable(entry.reason));
    if (entry.outcome != EntryOutcome::added && entry.outcome != EntryOutcome::updated) return;
    line("url", printable(entry.url));
    line("published", format_rfc3339(entry.published).value_or("") + from(source.date));
    line("authors", entry.authors.empty() ? "" : printable(join(entry.authors, "; ")) + from(source.authors));
    line("text", fmt::format("{}{}{}", count_of(entry.word_count, "word"), from(source.text),
                             source.text_reason.empty() ? "" : ", " + printable(source.text_reason)));
}

std::string to_text(const collect::Outcome& outcome) {
    std::string out;
    for (const auto& entry : outcome.entries) add_entry(out, entry);
    return out;
}

void summarise(const collect::Outcome& outcome) {
    const auto& result = outcome.result;
    for (const auto& warning : outcome.warnings) log::warning("{}", printable(warning));
    std::string filtered;
    for (const auto& [reason, count] : result.filtered)
        filtered += fmt::format(", {} {}", count, reason.name());
    log::notice("{} by '{}': {} would be new, {} known{}; {} read; nothing was stored",
                result.entries == 1 ? "1 entry" : fmt::format("{} entries", result.entries),
                name_of(result.method), result.inserted, result.duplicate, filtered,
                count_of(outcome.pages, "page"));
}

ExitCode run_test(Context& context, const TestCommand& command) {
    std::optional<collect::Outcome> outcome;
    {
        CollectView view(context);
        auto observer = view.observer();
        observer.on_result = {}; // It is told below.
        outcome = ops::test_source(make_environment(context),
                                   {command.settings, command.identifier, command.all}, observer);
    }
    if (!outcome) return stopped_or(ExitCode::ok);
    io::Out out("-");
    if (out.write(command.json ? to_json(*outcome) : to_text(*outcome))) out.close();
    if (outcome->result.status == CheckStatus::failed || outcome->result.status == CheckStatus::postponed)
        throw Error{ExitCode::check, failure_text(*outcome),
                    sources::site_remedy(outcome->result.error, command.identifier)};
    summarise(*outcome);
    return ExitCode::ok;
}
}

Action setup_sources_test(Options& app) {
    auto command = std::make_shared<TestCommand>();
    app.footer(R"(Examples:
  cti sources test cisco_talos
  cti sources test cisco_talos --all --json | jq '.entries[].text_source'

Asks for the feed (or the lists of links) and the pages as 'collect' does, but
stores nothing, and tells of each entry what would become of it: where its
title, date, authors and text come from, or why it is dropped. Exits with 8 when
the source cannot be read.)");
    app.add_option("ID", command->identifier, "Identifier of the source").required();
    app.add_flag("-a,--all", command->all, "Entries too that are stored already").group("Selection");
    app.add_flag("--json", command->json, "One JSON document instead of text").group("Output");
    add_network_options(app, command->settings);
    return [command](Context& context) { return run_test(context, *command); };
}

// As CTI Scraper's command line has it, whose lines stand in scripts.
Action setup_test(Options& app) {
    auto command = std::make_shared<TestCommand>();
    app.footer("Examples:\n  cti test --source cisco_talos      the same as: cti sources test cisco_talos");
    app.add_option("--source", command->identifier, "Identifier of the source")
        .required()
        .type_name("ID")
        .group("Selection");
    add_network_options(app, command->settings);
    return [command](Context& context) { return run_test(context, *command); };
}
}
