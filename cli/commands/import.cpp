#include "cli/database.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/progress.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/import_articles.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct ImportCommand {
    ops::ArticleImportOptions options;
    std::string format = "auto";
    std::string file, sqlite;
};

importer::Format to_format(const std::string& name) {
    using importer::Format;
    if (name == "ndjson") return Format::ndjson;
    if (name == "json") return Format::json;
    return name == "csv" ? Format::csv : Format::by_content;
}

std::string describe(const ops::ArticleImportCounts& counts, const char* stored = "stored") {
    auto text = fmt::format("{} read, {} {}, {}", count_of(counts.read, "article"), counts.stored, stored,
                            count_of(counts.duplicate, "duplicate"));
    if (counts.deleted > 0) text += fmt::format(", {} deleted here before", counts.deleted);
    if (counts.refused > 0) text += fmt::format(", {} refused", counts.refused);
    return text;
}

void tell(const ops::ArticleImportResult& result, bool dry_run) {
    constexpr std::ptrdiff_t k_max_named = 5;
    const auto& made = result.new_sources;
    const auto named = std::min(k_max_named, std::ssize(made));
    if (!made.empty())
        log::notice("{} {}, inactive: {}{}", dry_run ? "would make" : "made",
                    count_of(std::ssize(made), "source"), join({made.begin(), made.begin() + named}, ", "),
                    named < std::ssize(made) ? ", ..." : "");
    log::notice("{}{}", dry_run ? "dry run, nothing written: " : "",
                describe(result.counts, dry_run ? "would be stored" : "stored"));
}

ExitCode run_import(const Context& context, const ImportCommand& command) {
    auto options = command.options;
    options.is_sqlite = !command.sqlite.empty();
    options.path = options.is_sqlite ? command.sqlite : command.file;
    if (options.path.empty())
        throw Error{ExitCode::usage, "FILE is missing",
                    "Name an export, - for standard input, or a database with --sqlite."};
    options.reading.format = to_format(command.format);
    ops::ArticleImportResult result;
    {
        ProgressLine line(context.progress);
        const auto begun = steady_time();
        options.on_progress = [&](const ops::ArticleImportCounts& counts) {
            const auto seconds = std::chrono::duration<double>(steady_time() - begun).count();
            line.show(fmt::format("{}, {:.0f} articles/s", describe(counts),
                                  static_cast<double>(counts.read) / std::max(seconds, 1e-3)));
        };
        result = ops::import_articles(make_environment(context), options);
    }
    tell(result, options.dry_run);
    if (result.is_stopped) return stopped_or(ExitCode::ok);
    if (result.counts.refused > 0)
        throw Error{ExitCode::check,
                    fmt::format("{} of the file {} refused", count_of(result.counts.refused, "article"),
                                result.counts.refused == 1 ? "was" : "were"),
                    "All others are in the database; mend these and import the file again."};
    return ExitCode::ok;
}
}

Action setup_import(Options& app) {
    auto command = std::make_shared<ImportCommand>();
    auto& options = command->options;
    const auto file = app.add_option("FILE", command->file,
                                     "An export of cti with texts, also .gz or .zst; - is standard input");
    auto format = app.add_option("--format", command->format, "auto (by its content), ndjson, json or csv");
    format.one_of({"auto", "ndjson", "json", "csv"}).type_name("FORMAT").capture_default_str().group("Input");
    auto raw = app.add_flag("--csv-raw", options.reading.csv_raw, "The CSV was written with --csv-raw");
    raw.group("Input");
    app.add_option("--sqlite", command->sqlite,
                   "In place of FILE: an SQLite database of the former command-line tool")
        .type_name("FILE")
        .excludes(file)
        .excludes(format)
        .excludes(raw)
        .group("Input");
    app.add_option("--source", options.source, "Source of articles that name none")
        .type_name("ID")
        .group("Input");
    app.add_flag("-n,--dry-run", options.dry_run, "Tell the same counts, write nothing").group("Behaviour");
    app.add_flag("--restore-deleted", options.restore_deleted, "Articles that were deleted here come back")
        .group("Behaviour");
    add_extractor_options(app, options.intelligence);
    add_lexicon_option(app, options.intelligence);
    app.footer(R"(What is there already, by its address or its text, is a duplicate: the same file
twice stores nothing. Lines that are no articles are told with their numbers and
left out; the others are stored, and the exit code is 8. Import the sources of
the other database first, with 'cti sources import': an article whose source is
missing makes one that is inactive.
Examples:
  cti import articles.ndjson.gz --dry-run
  cti import articles.ndjson.gz
  cti export --format ndjson | cti import -
  cti import --sqlite old.db --dry-run)");
    return [command](Context& context) { return run_import(context, *command); };
}
}
