#include "cli/collecting.hpp"
#include "cli/database.hpp"
#include "cli/out.hpp"
#include "cli/run_row.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/export/formats.hpp"
#include "core/store/articles.hpp"
#include "core/store/sources.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct ExportOptions {
    std::string format = "json", since, until, output = "-";
    std::vector<std::string> sources;
    std::optional<int> days;
    std::optional<double> min_score;
    std::optional<long> limit;
    exporter::Options writer;
};

Time parse_time_option(const std::string& name, const std::string& text, Time now) {
    if (const auto time = parse_time_argument(text, now)) return *time;
    throw Error{ExitCode::usage, fmt::format("{}: '{}' is no time", name, text), "Write 7d, 12h, 2026-11-01 or 2026-11-01T08:00:00Z."};
}

// Thrown to leave for_each_article(): the reader is gone, or a signal asks to stop.
struct Stopped {};

// What the options say by themselves: refused before the database is asked for anything.
store::Selection select_times(const ExportOptions& options, Time now) {
    store::Selection selection;
    if (options.days) selection.since = now - std::chrono::days{*options.days};
    if (!options.since.empty()) selection.since = parse_time_option("--since", options.since, now);
    if (!options.until.empty()) selection.until = parse_time_option("--until", options.until, now);
    selection.min_score = options.min_score;
    selection.limit = options.limit;
    return selection;
}

void select_sources(store::Transaction& tx, const store::Schema& schema, const ExportOptions& options, store::Selection& selection) {
    if (options.sources.empty()) return;
    const auto all = store::list_sources(tx, schema);
    std::vector<std::string> identifiers;
    for (const auto& source : all) identifiers.push_back(source.identifier);
    for (const auto& wanted : options.sources) {
        const auto it = std::ranges::find(all, wanted, &Source::identifier);
        if (it == all.end()) throw unknown_source(wanted, identifiers);
        selection.source_ids.push_back(it->id);
    }
}

const exporter::Format& get_format(const ExportOptions& options) {
    if (const auto* format = exporter::find_format(options.format)) return *format;
    std::vector<std::string> names;
    for (const auto& format : exporter::formats()) names.emplace_back(format.name);
    const auto near = closest(options.format, names);
    throw Error{ExitCode::usage, fmt::format("unknown format '{}'", options.format),
                near.empty() ? fmt::format("There are {}.", join(names, ", ")) : fmt::format("Did you mean '{}'?", near)};
}

// Writes in portions, so that memory does not depend on the number of articles.
long write_articles(store::Transaction& tx, const store::Schema& schema, const store::Selection& selection, const store::Detail& detail,
                    exporter::Writer& writer, Out& out) {
    constexpr std::size_t portion = 64 * 1024;
    std::string buffer;
    const auto drain = [&](std::size_t limit) {
        if (buffer.size() < limit) return;
        if (!out.write(buffer)) throw Stopped{};
        buffer.clear();
    };
    writer.begin(buffer);
    const auto count = store::for_each_article(tx, schema, selection, detail, [&](const StoredArticle& article) {
        if (stop_signal() != 0) throw Stopped{};
        writer.article(buffer, article);
        drain(portion);
    });
    writer.end(buffer);
    drain(1);
    return count;
}

ExitCode run_export(Context& context, const ExportOptions& options) {
    const auto& format = get_format(options);
    const auto writer = exporter::make_writer(format, options.writer);
    const auto needs = format.needs(options.writer);
    const store::Detail detail{.content = needs.content, .findings = needs.findings, .types = {}, .marked = false};
    auto selection = select_times(options, current_time());
    auto database = open_database(context);
    store::RunRow row;
    row.command = "export", row.result = "ok", row.started_at = current_time();
    {
        store::Transaction tx(database, store::Access::read_only);
        const auto schema = store::read_schema(tx);
        select_sources(tx, schema, options, selection);
        Out out(options.output);
        try {
            row.entries = write_articles(tx, schema, selection, detail, *writer, out);
            out.close();
        } catch (const Stopped&) {
            return stopped_or(ExitCode::ok); // `cti export | head` ends quietly; a file that was begun is not kept.
        }
    }
    if (options.output != "-") log::notice("{} articles written to '{}'", row.entries, options.output);
    row.finished_at = current_time();
    record_finished_run(database, row);
    return ExitCode::ok;
}

std::string format_help() {
    std::vector<std::string> lines;
    for (const auto& format : exporter::formats()) lines.push_back(fmt::format("{}: {}", format.name, format.summary));
    return join(lines, "; ");
}
}

Action setup_export(CLI::App& app) {
    auto options = std::make_shared<ExportOptions>();
    app.footer(R"(Examples:
  cti export --days 7 | jq '.[].title'
  cti export --format csv --since 2026-11-01 --until 2026-12-01 -o november.csv
  cti export --format ndjson --source cisco_talos --source the_dfir_report)");
    auto* days = app.add_option("--days", options->days, "Published in the last N days")->check(CLI::Range(1, 100000))->type_name("N")->group("Selection");
    app.add_option("--since", options->since, "Published at or after: 7d, 12h, 2026-11-01, RFC 3339")->type_name("TIME")->excludes(days)->group("Selection");
    app.add_option("--until", options->until, "Published before")->type_name("TIME")->group("Selection");
    app.add_option("-s,--source", options->sources, "Only of this source (may be repeated)")->type_name("ID")->delimiter(',')->group("Selection");
    app.add_option("--min-score", options->min_score, "Threat hunting score at least")->type_name("N")->group("Selection");
    app.add_option("--limit", options->limit, "The newest N only")->check(CLI::PositiveNumber)->type_name("N")->group("Selection");
    app.add_option("--format", options->format, format_help())->type_name("FORMAT")->capture_default_str()->group("Output");
    app.add_option("-o,--output", options->output, "File, replaced only when complete; - is stdout")->type_name("FILE")->capture_default_str()->group("Output");
    app.add_flag("--csv-raw", options->writer.csv_raw, "Leave cells as they are that a spreadsheet would run")->group("Output");
    return [options](Context& context) { return run_export(context, *options); };
}
}
