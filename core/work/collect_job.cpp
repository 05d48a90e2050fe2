#include "core/base/json.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/collect/report.hpp"
#include "core/work/job_kind.hpp"

#include <fmt/format.h>

namespace cti::work {
namespace {
using Type = JobArgument::Type;

constexpr JobArgument k_collect_arguments[] = {
    {"source", Type::texts, "ID", "Only this source, due or not (may be repeated)"},
    {"query", Type::text, "WORDS",
     "Only sources with all of these words in identifier, name or address, due or not"},
    {"force", Type::flag, "", "All active sources, due or not"},
    {"limit", Type::number, "N",
     "At most so many new articles of each source; the others come the next time"},
    {"restore_deleted", Type::flag, "", "Articles that somebody has deleted come back"},
};

std::string to_json(const collect::Totals& totals) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("sources", totals.sources).member("failed", totals.failed);
    json.member("not_modified", totals.not_modified).member("new", totals.inserted);
    json.member("updated", totals.updated).member("duplicate", totals.duplicate).end_object();
    return out;
}

void check_collect(const Arguments& arguments) {
    if (const auto limit = arguments.number("limit"); limit && (*limit < 1 || *limit > k_max_limit))
        throw Error{ExitCode::usage, fmt::format("limit is not between 1 and {}", k_max_limit)};
    if (fold_space(arguments.text("query", "any")).empty())
        throw Error{ExitCode::usage, "query has no word", "Leave it out to read the sources that are due."};
}

JobResult run_collect(const JobContext& context, const Arguments& arguments) {
    ops::CollectOptions options;
    options.settings = context.tools.collecting;
    options.sources = arguments.texts("source");
    options.query = arguments.text("query");
    options.force = arguments.flag("force");
    options.restore_deleted = arguments.flag("restore_deleted");
    options.max_new = static_cast<int>(arguments.number("limit").value_or(0));
    ops::CollectObserver observer;
    observer.on_result = [&](const collect::Outcome& outcome) {
        const auto& result = outcome.result;
        if (result.status == CheckStatus::failed)
            context.say(fmt::format("source '{}'{}: {}", result.identifier,
                                    outcome.address.empty() ? "" : " (" + outcome.address + ")",
                                    result.error));
    };
    const auto report = ops::collect_sources(context.environment, options, observer);
    if (report.results.empty() && report.held_by_others > 0 && !context.environment.is_stopped())
        throw Error{ExitCode::locked, "its sources are in the hands of another run"};
    const auto totals = collect::add_up(report);
    context.say(fmt::format("{}, {} failed; {}, {} updated", count_of(totals.sources, "source"),
                            totals.failed, count_of(totals.inserted, "new article"), totals.updated));
    JobResult result;
    result.json = to_json(totals);
    if (collect::outcome_of(report) == "failed")
        result.exit_code = ExitCode::failure, result.error = "every source failed";
    return result;
}
}

const JobKind k_collect_job{"collect", "Read sources: those that are due, or these", k_collect_arguments,
                            check_collect, run_collect};
}
