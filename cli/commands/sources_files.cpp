#include "cli/commands/sources.hpp"
#include "cli/database.hpp"
#include "cli/difference_table.hpp"
#include "cli/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/feed/opml.hpp"
#include "core/io/out.hpp"
#include "core/ops/opml_sources.hpp"
#include "core/ops/source_files.hpp"
#include "core/sources/yaml_writer.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

ExitCode run_diff(const Context& context) {
    const auto specs = ops::read_configured_sources(make_environment(context), context.sources_config);
    if (!specs)
        throw Error{ExitCode::usage,
                    fmt::format("cannot read '{}': no such file or folder", ops::k_default_sources_config),
                    "Name the file of the sources with --config or SOURCES_CONFIG."};
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto rows = store::list_sources(tx, db::read_schema(tx));
    const auto difference = sources::compare(rows, *specs, sources::ActiveFrom::file);
    const auto table = difference_table(difference, "not in file");
    if (!table.empty()) print(table.render(context));
    log::notice("{} only in the file, {} different, {} the same, {} only in the database",
                difference.added.size(), difference.changed.size(), difference.unchanged.size(),
                difference.missing.size());
    return ExitCode::ok;
}

struct ImportCommand {
    std::string path = "-", format = "auto";
    bool dry_run = false;
};

// What the file asks for, with what is not done about it told.
std::vector<SourceSpec> specs_of(const ops::Environment& environment, const std::string& text, bool is_opml,
                                 const std::vector<Source>& rows, const std::string& path) {
    if (!is_opml) return ops::parse_sources(environment, text, path);
    const auto opml = feed::parse_opml(text);
    if (!opml.error.empty())
        throw Error{ExitCode::usage, fmt::format("cannot read '{}': {}", path, opml.error)};
    auto imported = ops::to_specs(opml, rows);
    for (const auto& warning : opml.warnings) log::warning("{}: {}", path, warning);
    for (const auto& warning : imported.warnings) log::warning("{}: {}", path, warning);
    if (!imported.known.empty())
        log::notice("{} there already: {}", count_of(static_cast<long>(imported.known.size()), "feed"),
                    join({imported.known.begin(),
                          imported.known.begin() + std::min<std::ptrdiff_t>(5, std::ssize(imported.known))},
                         ", ") +
                        (imported.known.size() > 5 ? ", ..." : ""));
    return std::move(imported.added);
}

bool looks_like_xml(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    // UTF-16 too: its mark or a zero byte beside the bracket.
    return trim(text).starts_with('<') || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

ExitCode run_import(const Context& context, const ImportCommand& command) {
    const auto text = ops::read_bounded(command.path);
    const bool is_opml = command.format == "opml" || (command.format == "auto" && looks_like_xml(text));
    auto database = open_database(context);
    sources::Difference difference;
    if (command.dry_run) {
        db::Transaction tx(database, db::Access::read_only);
        const auto rows = store::list_sources(tx, db::read_schema(tx));
        difference =
            sources::compare(rows, specs_of(make_environment(context), text, is_opml, rows, command.path));
        const auto table = difference_table(difference, "");
        if (!table.empty()) print(table.render(context));
    } else {
        db::Transaction tx(database);
        const auto schema = db::read_schema(tx);
        const auto specs =
            specs_of(make_environment(context), text, is_opml, store::list_sources(tx, schema), command.path);
        difference = ops::apply_sources(tx, schema, specs, sources::ActiveFrom::database);
        tx.commit();
        for (const auto& change : difference.added) log::info("added source '{}'", change.spec.identifier);
    }
    log::notice("{}{} added, {} changed, {} unchanged", command.dry_run ? "dry run, nothing written: " : "",
                difference.added.size(), difference.changed.size(), difference.unchanged.size());
    return ExitCode::ok;
}

struct ExportCommand {
    std::string format = "yaml", path = "-";
    bool active = false;
};

ExitCode run_export(const Context& context, const ExportCommand& command) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    auto rows = store::list_sources(tx, db::read_schema(tx));
    if (command.active) std::erase_if(rows, [](const Source& row) { return !row.active; });
    const bool opml = command.format == "opml";
    const auto outlines = opml ? ops::to_outlines(rows) : std::vector<feed::Outline>();
    io::Out out(command.path);
    if (out.write(opml ? feed::write_opml("cti sources", outlines) : sources::to_yaml(rows))) out.close();
    const auto written = opml ? outlines.size() : rows.size();
    if (opml && written < rows.size())
        log::notice("{} without a feed left out",
                    count_of(static_cast<long>(rows.size() - written), "source"));
    if (command.path != "-")
        log::notice("{} written to '{}'", count_of(static_cast<long>(written), "source"), command.path);
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
    auto command = std::make_shared<ImportCommand>();
    app.footer(R"(Examples:
  cti sources import subscriptions.opml --dry-run
  cti sources import subscriptions.opml
  cti sources import sources.yaml

OPML adds the feeds that no source has yet, under an id made of their title;
the outlines around a feed become its config.categories. YAML is read as
'cti init' reads it: new sources are added, those of the same id are brought
to what the file says. The whole file is taken or none of it.)");
    app.add_option("FILE", command->path, "The file; - is standard input").capture_default_str();
    app.add_option("--format", command->format, "auto (by its content), opml or yaml")
        .one_of({"auto", "opml", "yaml"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Input");
    app.add_flag("-n,--dry-run", command->dry_run, "Show what would change, write nothing")
        .group("Behaviour");
    return [command](Context& context) { return run_import(context, *command); };
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
    app.add_flag("--active", command->active, "Only active ones").group("Selection");
    app.add_option("-o,--output", command->path, "File, or - for stdout")
        .type_name("FILE")
        .capture_default_str()
        .group("Output");
    return [command](Context& context) { return run_export(context, *command); };
}
}
