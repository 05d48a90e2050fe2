#pragma once
#include "core/ops/environment.hpp"
#include "core/sources/diff.hpp"

#include <string>
#include <vector>

// Lists of sources: brought into the database from a file, compared with one, written to one.
namespace cti::ops {

// What bringing the file into the database would change: see read_configured_sources(). Throws Error(usage)
// where there is no file.
sources::Difference diff_sources(const Environment& environment, const std::string& sources_config);

struct ImportOptions {
    enum class Format { by_content, opml, yaml };
    std::string path = "-"; // "-" is standard input
    Format format = Format::by_content;
    bool dry_run = false;
};
struct ImportResult {
    std::vector<std::string> known; // feeds of an OPML file that a source has already
    sources::Difference difference; // what was changed, or would be
};
// The whole file is taken or none of it. Throws Error(usage).
ImportResult import_sources(const Environment& environment, const ImportOptions& options);

struct SourceExportOptions {
    enum class Format { yaml, opml };
    std::string path = "-"; // "-" is standard output
    Format format = Format::yaml;
    bool only_active = false;
};
struct SourceExportResult {
    std::size_t written = 0;
    std::size_t without_feed = 0; // left out, as OPML is a list of feeds
};
SourceExportResult export_sources(const Environment& environment, const SourceExportOptions& options);
}
