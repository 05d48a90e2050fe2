#pragma once
#include "core/import/reader.hpp"
#include "core/ops/environment.hpp"
#include "core/ops/intelligence_files.hpp"

#include <functional>
#include <string>
#include <vector>

// Articles that another database, or this one, has exported come in.
namespace cti::ops {

// Articles of the file; each is in one of the last four.
struct ArticleImportCounts {
    long read = 0, stored = 0, duplicate = 0;
    long deleted = 0; // somebody has deleted them here
    long refused = 0; // no articles, or none that this database takes; each is told
};

struct ArticleImportOptions {
    std::string path = "-"; // "-" is standard input; gzip and zstd are seen by their first bytes
    bool is_sqlite =
        false; // the file is a database of the former command-line tool, and is read where it lies
    importer::ReadOptions reading;
    std::string source; // of articles that name none, or one of the web service's own; "": they are refused
    bool dry_run = false;
    bool restore_deleted = false; // articles that somebody has deleted come back
    IntelligenceFiles intelligence;
    std::function<void(const ArticleImportCounts&)> on_progress; // now and then
};

struct ArticleImportResult {
    ArticleImportCounts counts;
    std::vector<std::string> new_sources; // that were made, or would be
    bool is_stopped = false;              // what was stored stays, and the next call goes on there
};

// Each article goes through the steps that a collected one goes through, and is stored by the same rules: an
// address or a text that is there already is a duplicate. Sources that are missing are made, inactive, as an
// export does not say how they are collected; a database of SQLite tells their names and addresses. Some
// hundred articles are in memory at a time. Throws Error(usage) where the file cannot be opened or is no
// export, Error(check) where it is compressed and damaged: what came before that is stored.
ArticleImportResult import_articles(const Environment& environment, const ArticleImportOptions& options);
}
