#include "core/base/json.hpp"
#include "core/base/plural.hpp"
#include "core/base/time.hpp"
#include "core/ops/analysis/analyze_articles.hpp"
#include "core/work/job_kind.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::work {
namespace {
using Type = JobArgument::Type;

constexpr JobArgument k_analyze_arguments[] = {
    {"task", Type::texts, "TASK", "Only this task of 'cti analyze' (may be repeated)"},
    {"query", Type::text, "QUERY", "Only articles that 'cti search' finds by it"},
    {"source", Type::texts, "ID", "Only of this source (may be repeated)"},
    {"since", Type::text, "TIME", "Stored since then: 2d, 2026-11-01"},
    {"min_score", Type::number, "N", "Only articles with a threat hunting score of N or more"},
    {"limit", Type::number, "N", "The newest N only"},
    {"budget_tokens", Type::number, "N", "Begin no request once so many tokens are used"},
    {"force", Type::flag, "", "Do again what is done already"},
};

ops::AnalyzeOptions to_analyze_options(const Arguments& arguments) {
    ops::AnalyzeOptions options;
    options.tasks = arguments.texts("task");
    options.budget_tokens = arguments.number("budget_tokens");
    options.force = arguments.flag("force");
    auto& selection = options.selection;
    selection.query = arguments.text("query");
    selection.sources = arguments.texts("source");
    selection.since = arguments.text("since");
    selection.by_discovered = true;
    selection.limit = arguments.number("limit");
    if (const auto score = arguments.number("min_score")) selection.min_score = static_cast<double>(*score);
    return options;
}

void check_analyze(const Arguments& arguments) {
    const auto known = ops::analysis_task_names();
    for (const auto& task : arguments.texts("task"))
        if (std::ranges::find(known, task) == known.end())
            throw Error{ExitCode::usage, fmt::format("there is no task '{}'", printable(task)),
                        "'cti analyze --help' has them."};
    for (const auto* name : {"limit", "budget_tokens"})
        if (const auto number = arguments.number(name); number && *number < 1)
            throw Error{ExitCode::usage, fmt::format("{} is less than 1", name)};
    ops::select_articles(to_analyze_options(arguments).selection, current_time());
}

std::string to_json(const ops::AnalysisCounts& counts) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("articles", counts.articles).member("analyzed", counts.analyzed);
    json.member("kept", counts.kept).member("rejected", counts.rejected);
    json.member("tokens", counts.tokens_in + counts.tokens_out).end_object();
    return out;
}

JobResult run_analyze(const JobContext& context, const Arguments& arguments) {
    auto options = to_analyze_options(arguments);
    options.model = context.tools.model;
    options.intelligence = context.tools.collecting.intelligence;
    const auto done = ops::analyze_articles(context.environment, options);
    const auto& counts = done.counts;
    JobResult result;
    result.json = to_json(counts);
    context.say(fmt::format("{} of {} analyzed, {} kept, {} rejected", counts.analyzed,
                            count_of(counts.articles, "article"), count_of(counts.kept, "finding"),
                            counts.rejected));
    if (done.end != ops::AnalysisEnd::endpoint && counts.failed == 0) return result;
    result.exit_code = ExitCode::failure;
    result.error = done.end == ops::AnalysisEnd::endpoint
                       ? "the language model gives no answers: " + printable(done.fault)
                       : fmt::format("{} got no answer", count_of(counts.failed, "article"));
    return result;
}
}

const JobKind k_analyze_job{
    "analyze",           "Let a language model read articles, with proof of what it says",
    k_analyze_arguments, check_analyze,
    run_analyze,         3,
    JobNeed::model};
}
