#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/options/selection_options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "cli/term/progress.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/exports/export_articles.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <malloc.h>
#include <memory>
#include <optional>

namespace cti::cli {
namespace {

struct ExportCommand {
    std::optional<Option> format_option; // tells whether it was given
    ops::ExportOptions options;
    SelectionArguments selection;
    std::string of = "articles", tlp;
    bool no_content = false, gzip = false, zstd = false;
};

exporter::Tlp parse_tlp(const std::string& text) {
    using exporter::Tlp;
    constexpr std::pair<std::string_view, Tlp> names[] = {{"", Tlp::none},
                                                          {"clear", Tlp::clear},
                                                          {"green", Tlp::green},
                                                          {"amber", Tlp::amber},
                                                          {"amber+strict", Tlp::amber_strict},
                                                          {"red", Tlp::red}};
    const auto* found = std::ranges::find(names, text, &std::pair<std::string_view, Tlp>::first);
    if (found != std::end(names)) return found->second;
    throw Error{ExitCode::usage, fmt::format("--tlp: unknown label '{}'", printable(text)),
                "There are clear, green, amber, amber+strict and red (TLP 2.0)."};
}

std::string format_help() {
    std::string help;
    for (const auto& format : exporter::formats())
        help += fmt::format("{}{}: {}", help.empty() ? "" : "; ", format.name, format.summary);
    return help + "; opml: the sources, for feed readers";
}

void add_content_options(Options& app, ExportCommand& command) {
    const auto* group = "Content";
    app.add_option("--of", command.of, "articles or indicators (json, ndjson, csv)")
        .one_of({"articles", "indicators"})
        .type_name("WHAT")
        .capture_default_str()
        .group(group);
    app.add_option("--fields", command.options.writer.fields,
                   "Only these keys or columns, in this order (json, ndjson, csv)")
        .type_name("NAME")
        .delimiter(',')
        .group(group);
    app.add_flag("--no-content", command.no_content, "Leave out the whole texts").group(group);
    app.add_option("--type", command.options.types, "Only indicators of this type (may be repeated)")
        .type_name("TYPE")
        .delimiter(',')
        .group(group);
    app.add_flag("--marked", command.options.marked,
                 "Indicators too that something speaks against: private, benign, of the article's own site")
        .group(group);
    app.add_option("--tlp", command.tlp, "Mark as clear, green, amber, amber+strict or red (TLP 2.0)")
        .type_name("LABEL")
        .not_empty()
        .group(group);
    app.add_flag("--indicators", command.options.writer.patterns,
                 "An indicator with a pattern for each value (stix)")
        .group(group);
    app.add_option("--bulk", command.options.writer.bulk_index,
                   "Action lines for this index of Elasticsearch (ecs)")
        .type_name("INDEX")
        .group(group);
    app.add_flag("--defang", command.options.writer.defang, "Values that nobody can click (list)")
        .group(group);
    app.add_flag("--stock-programs", command.options.writer.stock_programs,
                 "Names of programs too that every system has, as powershell.exe (zeek)")
        .group(group);
}

void add_output_options(Options& app, ExportCommand& command) {
    const auto* group = "Output";
    command.format_option = app.add_option("--format", command.options.format, format_help())
                                .type_name("FORMAT")
                                .capture_default_str()
                                .group(group);
    app.add_option(
           "-o,--output", command.options.output,
           "File, replaced only when complete; - is stdout. Its end names the format where none is given")
        .type_name("FILE")
        .capture_default_str()
        .group(group);
    app.add_option("--output-dir", command.options.output_dir, "A file for each article in this folder")
        .type_name("DIR")
        .not_empty()
        .group(group);
    const auto gzip =
        app.add_flag("--gzip", command.gzip, "Compress, as a name that ends in .gz does").group(group);
    app.add_flag("--zstd", command.zstd, "Compress, as a name that ends in .zst does")
        .excludes(gzip)
        .group(group);
    app.add_option("--new-since-last", command.options.cursor,
                   "Only what the last export of this name did not write")
        .type_name("NAME")
        .not_empty()
        .group(group);
    app.add_flag("--csv-raw", command.options.writer.csv_raw,
                 "Leave cells as they are that a spreadsheet would run")
        .group(group);
    app.add_flag("--bom", command.options.writer.bom, "A byte order mark before CSV, for spreadsheets")
        .group(group);
    app.add_option("--read-database-url", command.options.read_database_url,
                   "Read from this database, a replica of the other one")
        .envname("CTI_READ_DATABASE_URL")
        .type_name("URL")
        .group(group);
}

// What the file's name says, or else the usual one. A slip in the name would give a file of another kind.
std::string format_of(const std::string& file, const std::string& usual) {
    if (const auto* format = exporter::find_format_of_file(file)) return std::string(format->name);
    if (const auto near = exporter::find_near_ending(file); !near.empty())
        throw Error{ExitCode::usage,
                    fmt::format("no format has files with the ending of '{}'", printable(file)),
                    fmt::format("Did you mean '.{}'? If the name is right, say which --format it is.", near)};
    return usual;
}

ops::ExportOptions to_options(const ExportCommand& command) {
    auto options = command.options;
    options.selection = to_options(command.selection);
    if (!command.format_option->is_given()) options.format = format_of(options.output, options.format);
    options.writer.of =
        command.of == "indicators" ? exporter::Subject::indicators : exporter::Subject::articles;
    options.writer.content = !command.no_content;
    options.writer.tlp = parse_tlp(command.tlp);
    if (command.gzip) options.compression = io::Compression::gzip;
    if (command.zstd) options.compression = io::Compression::zstd;
    return options;
}

ExitCode run_export(const Context& context, const ExportCommand& command) {
    // Portions come and go: their memory is used again, not handed back to the system each time.
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
    auto options = to_options(command);
    if (options.format == ops::k_subscriptions)
        return ops::export_subscriptions(make_environment(context), options), ExitCode::ok;
    const bool is_file = options.output != "-" || !options.output_dir.empty();
    ops::ExportResult result;
    {
        ProgressLine line(context.progress && is_file);
        options.on_progress = [&](long articles) { line.show(fmt::format("{} articles", articles)); };
        result = ops::export_articles(make_environment(context), options);
    }
    if (!result.is_complete) return stopped_or(ExitCode::ok);
    if (is_file)
        log::notice("{} written to '{}'", count_of(result.articles, "article"),
                    printable(options.output_dir.empty() ? options.output : options.output_dir));
    return ExitCode::ok;
}
}

Action setup_export(Options& app) {
    auto command = std::make_shared<ExportCommand>();
    app.footer(R"(Examples:
  cti export --days 7 | jq '.[].title'
  cti export --format csv --since 2026-11-01 --until 2026-12-01 -o november.csv
  cti export --format ndjson --source cisco_talos --source the_dfir_report
  cti export --format list --type ipv4 --days 30 -o block.txt
  cti export --format stix --tlp green --days 7 -o week.json
  cti export --format ndjson --new-since-last siem -o new.ndjson.gz
  cti export --query 'title:ransomware score>60' --no-content)");
    add_query_option(app, command->selection);
    add_selection_options(app, command->selection);
    add_content_options(app, *command);
    add_output_options(app, *command);
    return [command](Context& context) { return run_export(context, *command); };
}
}
