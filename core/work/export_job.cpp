#include "core/base/json.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/exports/export_articles.hpp"
#include "core/work/job_kind.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::work {
namespace {
using Type = JobArgument::Type;

constexpr JobArgument k_export_arguments[] = {
    {"output", Type::text, "NAME", "Name of the file in the worker's folder for exports", true},
    {"format", Type::text, "FORMAT", "As of 'cti export'; else what the end of the file's name says"},
    {"of", Type::text, "WHAT", "articles or indicators"},
    {"query", Type::text, "QUERY", "Only articles that 'cti search' finds by it"},
    {"source", Type::texts, "ID", "Only of this source (may be repeated)"},
    {"type", Type::texts, "TYPE", "Only indicators of this type (may be repeated)"},
    {"days", Type::number, "N", "Published in the last N days"},
    {"since", Type::text, "TIME", "Published since then"},
    {"until", Type::text, "TIME", "Published before then"},
    {"limit", Type::number, "N", "The first N only"},
    {"new_since_last", Type::text, "NAME", "Only what the last export of this name did not write"},
};

ops::ExportOptions to_options(const Arguments& arguments) {
    ops::ExportOptions options;
    options.output = arguments.text("output");
    const auto* const implied = exporter::find_format_of_file(options.output);
    options.format =
        arguments.text("format", implied != nullptr ? std::string(implied->name) : options.format);
    options.cursor = arguments.text("new_since_last");
    options.types = arguments.texts("type");
    if (arguments.text("of") == "indicators") options.writer.of = exporter::Subject::indicators;
    auto& selection = options.selection;
    selection.query = arguments.text("query");
    selection.sources = arguments.texts("source");
    selection.since = arguments.text("since"), selection.until = arguments.text("until");
    if (const auto days = arguments.number("days")) selection.days = static_cast<int>(*days);
    selection.limit = arguments.number("limit");
    return options;
}

// Whoever may add a job must not choose where the worker writes: a name of plain characters, and no path.
bool is_file_name(std::string_view name) {
    constexpr std::size_t k_max_name =
        200; // most file systems take 255 bytes, and a temporary name is longer
    return is_plain_name(name) && name.size() <= k_max_name && name.front() != '.' && name.front() != '-';
}

void check_export(const Arguments& arguments) {
    if (!is_file_name(arguments.text("output")))
        throw Error{
            ExitCode::usage, "output is no plain name of a file",
            "Give a name such as week.csv: the file comes into the folder of the worker's --export-dir."};
    if (const auto format = arguments.text("format");
        !format.empty() && exporter::find_format(format) == nullptr)
        throw Error{ExitCode::usage, fmt::format("there is no format '{}'", format),
                    "See 'cti export --help' for the formats."};
    if (const auto days = arguments.number("days"); days && (*days < 1 || *days > 36'500))
        throw Error{ExitCode::usage, "days is not between 1 and 36500"};
    if (const auto limit = arguments.number("limit"); limit && *limit < 1)
        throw Error{ExitCode::usage, "limit is less than 1"};
}

JobResult run_export(const JobContext& context, const Arguments& arguments) {
    auto options = to_options(arguments);
    options.output = context.tools.export_dir + '/' + options.output;
    const auto done = ops::export_articles(context.environment, options);
    JobResult result;
    if (!done.is_complete) return result;
    context.say(fmt::format("{} written to '{}'", count_of(done.articles, "article"), options.output));
    JsonWriter json(result.json = {});
    json.begin_object().member("articles", done.articles).member("output", options.output).end_object();
    return result;
}
}

const JobKind k_export_job{"export",           "Write articles or indicators to a file",
                           k_export_arguments, check_export,
                           run_export,         5,
                           JobNeed::export_dir};
}
