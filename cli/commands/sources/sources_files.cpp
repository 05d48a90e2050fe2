#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/difference_table.hpp"
#include "cli/options/options.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/sources/move_sources.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

namespace cti::cli {
namespace {

ExitCode run_diff(const Context& context) {
    const auto difference = ops::diff_sources(make_environment(context), context.sources_config);
    const auto table = difference_table(difference, "not in file");
    if (!table.empty()) print(table.render(context));
    log::notice("{} only in the file, {} different, {} the same, {} only in the database",
                difference.added.size(), difference.changed.size(), difference.unchanged.size(),
                difference.missing.size());
    return ExitCode::ok;
}

struct OpmlImportCommand {
    ops::ImportOptions options;
    std::string format = "auto";
};

ops::ImportOptions to_options(const OpmlImportCommand& command) {
    using Format = ops::ImportOptions::Format;
    auto options = command.options;
    options.format = command.format == "opml"   ? Format::opml
                     : command.format == "yaml" ? Format::yaml
                                                : Format::by_content;
    return options;
}

void tell_known(const std::vector<std::string>& feeds) {
    constexpr std::ptrdiff_t k_max_named = 5;
    if (feeds.empty()) return;
    const auto named = std::min(k_max_named, std::ssize(feeds));
    log::notice("{} there already: {}{}", count_of(std::ssize(feeds), "feed"),
                join({feeds.begin(), feeds.begin() + named}, ", "), named < std::ssize(feeds) ? ", ..." : "");
}

ExitCode run_opml_import(const Context& context, const OpmlImportCommand& command) {
    const auto options = to_options(command);
    const auto [known, difference] = ops::import_sources(make_environment(context), options);
    tell_known(known);
    if (options.dry_run) {
        const auto table = difference_table(difference, "");
        if (!table.empty()) print(table.render(context));
    } else {
        for (const auto& change : difference.added) log::info("added source '{}'", change.spec.identifier);
    }
    log::notice("{}{} added, {} changed, {} unchanged", options.dry_run ? "dry run, nothing written: " : "",
                difference.added.size(), difference.changed.size(), difference.unchanged.size());
    return ExitCode::ok;
}

struct ExportCommand {
    ops::SourceExportOptions options;
    std::string format = "yaml";
};

ExitCode run_export(const Context& context, const ExportCommand& command) {
    using Format = ops::SourceExportOptions::Format;
    auto options = command.options;
    options.format = command.format == "opml" ? Format::opml : Format::yaml;
    const auto [written, without_feed] = ops::export_sources(make_environment(context), options);
    if (without_feed > 0)
        log::notice("{} without a feed left out", count_of(static_cast<long>(without_feed), "source"));
    if (options.path != "-")
        log::notice("{} written to '{}'", count_of(static_cast<long>(written), "source"), options.path);
    return ExitCode::ok;
}
}

Action setup_sources_diff(Options& app) {
    app.footer(R"(Examples:
  cti sources diff
  cti sources diff --config sources.yaml

OLD is the database, NEW the file. 'cti init' brings the file's values into
the database, but 'active' only with --sync-active, and disables what is not
in the file only with --prune.)");
    return [](Context& context) { return run_diff(context); };
}

Action setup_sources_import(Options& app) {
    auto command = std::make_shared<OpmlImportCommand>();
    app.footer(R"(Examples:
  cti sources import subscriptions.opml --dry-run
  cti sources import subscriptions.opml
  cti sources import sources.yaml

OPML adds the feeds that no source has yet, under an id made of their title;
the outlines around a feed become its config.categories. YAML is read as
'cti init' reads it: new sources are added, those of the same id are brought
to what the file says. The whole file is taken or none of it.)");
    app.add_option("FILE", command->options.path, "The file; - is standard input").capture_default_str();
    app.add_option("--format", command->format, "auto (by its content), opml or yaml")
        .one_of({"auto", "opml", "yaml"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Input");
    app.add_flag("-n,--dry-run", command->options.dry_run, "Show what would change, write nothing")
        .group("Behaviour");
    return [command](Context& context) { return run_opml_import(context, *command); };
}

Action setup_sources_export(Options& app) {
    auto command = std::make_shared<ExportCommand>();
    app.footer(R"(Examples:
  cti sources export > sources.yaml
  cti sources export --format opml --active -o subscriptions.opml
  cti sources export | cti init --dry-run --config -)");
    app.add_option("--format", command->format, "yaml or opml (sources with a feed)")
        .one_of({"yaml", "opml"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    app.add_flag("--active", command->options.only_active, "Only active ones").group("Selection");
    app.add_option("-o,--output", command->options.path, "File, or - for stdout")
        .type_name("FILE")
        .capture_default_str()
        .group("Output");
    return [command](Context& context) { return run_export(context, *command); };
}
}
