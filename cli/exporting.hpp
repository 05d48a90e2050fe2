#pragma once
#include "cli/selecting.hpp"
#include "core/export/formats.hpp"
#include "core/io/compression.hpp"

// What `cti export` does once its options are read.
namespace cti::cli {

struct ExportOptions {
    SelectionOptions selection;
    std::string format = "json", of = "articles", output = "-", output_dir, cursor, tlp, read_database_url;
    std::vector<std::string> types;
    bool marked = false, no_content = false, gzip = false, zstd = false;
    exporter::Options writer;
};

// For --format: those of core/export, and the sources' own.
std::vector<std::string> export_format_names();

ExitCode run_export(Context& context, ExportOptions options);
}
