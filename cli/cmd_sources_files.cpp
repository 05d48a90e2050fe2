#include "cli/cmd_sources.hpp"
#include "cli/database.hpp"
#include "cli/out.hpp"
#include "cli/output.hpp"
#include "cli/source_files.hpp"
#include "core/base/log.hpp"
#include "core/sources/yaml_writer.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

ExitCode run_diff(const Context& context) {
    const auto specs = read_configured_sources(context);
    if (!specs)
        throw Error{ExitCode::usage,
                    fmt::format("cannot read '{}': no such file or folder", k_default_sources_config),
                    "Name the file of the sources with --config or SOURCES_CONFIG."};
    auto database = open_database(context);
    store::Transaction tx(database, store::Access::read_only);
    const auto rows = store::list_sources(tx, store::read_schema(tx));
    const auto difference = sources::compare(rows, *specs, sources::ActiveFrom::file);
    const auto table = difference_table(difference, "not in file");
    if (!table.empty()) print(table.render(context));
    log::notice("{} only in the file, {} different, {} the same, {} only in the database",
                difference.added.size(), difference.changed.size(), difference.unchanged.size(),
                difference.missing.size());
    return ExitCode::ok;
}

ExitCode run_export(const Context& context, const std::string& path) {
    auto database = open_database(context);
    store::Transaction tx(database, store::Access::read_only);
    const auto rows = store::list_sources(tx, store::read_schema(tx));
    Out out(path);
    if (out.write(sources::to_yaml(rows))) out.close();
    if (path != "-")
        log::notice("{} written to '{}'", count_of(static_cast<long>(rows.size()), "source"), path);
    return ExitCode::ok;
}
}

Action setup_sources_diff(CLI::App& app) {
    app.footer(R"(Examples:
  cti sources diff
  cti sources diff --config sources.yaml

OLD is the database, NEW the file. 'cti init' brings the file's values into
the database, but 'active' only with --sync-active, and disables what is not
in the file only with --prune.)");
    return [](Context& context) { return run_diff(context); };
}

Action setup_sources_export(CLI::App& app) {
    struct Options {
        std::string format = "yaml", path = "-";
    };
    auto options = std::make_shared<Options>();
    app.footer(R"(Examples:
  cti sources export > sources.yaml
  cti sources export -o backup.yaml
  cti sources export | cti init --dry-run --config -)");
    app.add_option("--format", options->format, "yaml")
        ->check(CLI::IsMember({"yaml"}))
        ->type_name("FORMAT")
        ->capture_default_str()
        ->group("Output");
    app.add_option("-o,--output", options->path, "File, or - for stdout")
        ->type_name("FILE")
        ->capture_default_str()
        ->group("Output");
    return [options](Context& context) { return run_export(context, options->path); };
}
}
