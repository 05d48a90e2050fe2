#pragma once
#include "core/export/formats.hpp"
#include "core/io/compression.hpp"
#include "core/ops/select_articles.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Articles, or their indicators, in a format of core/export.
namespace cti::ops {

struct ExportOptions {
    SelectionOptions selection;
    std::string format = "json";
    std::string output = "-";                   // a file, replaced only when complete; "-" is standard output
    std::string output_dir;                     // instead of it: a file for each article in this folder
    std::optional<io::Compression> compression; // none: what the name of the file says
    std::string cursor;             // only what the last export of this name did not write; "": everything
    std::vector<std::string> types; // of indicators; empty: all
    bool marked = false;            // indicators too that something speaks against
    exporter::Options writer;
    std::string read_database_url;                  // a replica, which is read instead; "": none
    std::function<void(long articles)> on_progress; // now and then
};

struct ExportResult {
    long articles = 0;
    // Else it was stopped, or nobody reads any more: a file that was begun is not kept, and a cursor not
    // moved.
    bool is_complete = false;
};

// Throws Error(usage) before it connects, where the options do not fit together.
ExportResult export_articles(const Environment& environment, const ExportOptions& given);

// The sources themselves, for feed readers: of the articles' options only `selection.sources` says anything.
// False where nobody reads any more.
bool export_subscriptions(const Environment& environment, const ExportOptions& options);

inline constexpr const char* k_subscriptions = "opml"; // the format of the sources

// Those of core/export, and the sources' own.
std::vector<std::string> export_format_names();
}
