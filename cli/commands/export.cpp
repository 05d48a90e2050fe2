#include "cli/exporting.hpp"
#include "cli/options.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {
std::string format_help() {
    std::string help;
    for (const auto& format : exporter::formats())
        help += fmt::format("{}{}: {}", help.empty() ? "" : "; ", format.name, format.summary);
    return help + "; opml: the sources, for feed readers";
}

void add_content_options(Options& app, ExportOptions& options) {
    const auto* group = "Content";
    app.add_option("--of", options.of, "articles or indicators (json, ndjson, csv)")
        .one_of({"articles", "indicators"})
        .type_name("WHAT")
        .capture_default_str()
        .group(group);
    app.add_option("--fields", options.writer.fields,
                   "Only these keys or columns, in this order (json, ndjson, csv)")
        .type_name("NAME")
        .delimiter(',')
        .group(group);
    app.add_flag("--no-content", options.no_content, "Leave out the whole texts").group(group);
    app.add_option("--type", options.types, "Only indicators of this type (may be repeated)")
        .type_name("TYPE")
        .delimiter(',')
        .group(group);
    app.add_flag("--marked", options.marked,
                 "Indicators too that something speaks against: private, benign, of the article's own site")
        .group(group);
    app.add_option("--tlp", options.tlp, "Mark as clear, green, amber, amber+strict or red (TLP 2.0)")
        .type_name("LABEL")
        .group(group);
    app.add_flag("--indicators", options.writer.patterns, "An indicator with a pattern for each value (stix)")
        .group(group);
    app.add_option("--bulk", options.writer.bulk_index, "Action lines for this index of Elasticsearch (ecs)")
        .type_name("INDEX")
        .group(group);
    app.add_flag("--defang", options.writer.defang, "Values that nobody can click (list)").group(group);
}

void add_output_options(Options& app, ExportOptions& options) {
    const auto* group = "Output";
    app.add_option("--format", options.format, format_help())
        .type_name("FORMAT")
        .capture_default_str()
        .group(group);
    app.add_option("-o,--output", options.output, "File, replaced only when complete; - is stdout")
        .type_name("FILE")
        .capture_default_str()
        .group(group);
    app.add_option("--output-dir", options.output_dir, "A file for each article in this folder")
        .type_name("DIR")
        .group(group);
    const auto gzip =
        app.add_flag("--gzip", options.gzip, "Compress, as a name that ends in .gz does").group(group);
    app.add_flag("--zstd", options.zstd, "Compress, as a name that ends in .zst does")
        .excludes(gzip)
        .group(group);
    app.add_option("--new-since-last", options.cursor, "Only what the last export of this name did not write")
        .type_name("NAME")
        .group(group);
    app.add_flag("--csv-raw", options.writer.csv_raw, "Leave cells as they are that a spreadsheet would run")
        .group(group);
    app.add_flag("--bom", options.writer.bom, "A byte order mark before CSV, for spreadsheets").group(group);
    app.add_option("--read-database-url", options.read_database_url,
                   "Read from this database, a replica of the other one")
        .envname("CTI_READ_DATABASE_URL")
        .type_name("URL")
        .group(group);
}
}

Action setup_export(Options& app) {
    auto options = std::make_shared<ExportOptions>();
    app.footer(R"(Examples:
  cti export --days 7 | jq '.[].title'
  cti export --format csv --since 2026-11-01 --until 2026-12-01 -o november.csv
  cti export --format ndjson --source cisco_talos --source the_dfir_report
  cti export --format list --type ipv4 --days 30 -o block.txt
  cti export --format stix --tlp green --days 7 -o week.json
  cti export --format ndjson --new-since-last siem -o new.ndjson.gz
  cti export --query 'title:ransomware score>60' --no-content)");
    app.add_option("--query", options->selection.query, "Only what this query finds, see 'cti search --help'")
        .type_name("QUERY")
        .group("Selection");
    add_selection_options(app, options->selection);
    add_content_options(app, *options);
    add_output_options(app, *options);
    return [options](Context& context) { return run_export(context, *options); };
}
}
