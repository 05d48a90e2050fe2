#include "core/base/json.hpp"
#include "core/base/plural.hpp"
#include "core/ops/backfill.hpp"
#include "core/work/job_kind.hpp"

#include <fmt/format.h>

namespace cti::work {
namespace {
using Type = JobArgument::Type;

constexpr JobArgument k_backfill_arguments[] = {
    {"step", Type::texts, "STEP", "Only this step of 'cti intel backfill' (may be repeated)"},
    {"again", Type::flag, "", "Articles too on which this version was run"},
};

JobResult run_backfill(const JobContext& context, const Arguments& arguments) {
    ops::BackfillOptions options;
    options.intelligence = context.tools.collecting.intelligence;
    options.steps = arguments.texts("step");
    options.again = arguments.flag("again");
    JobResult result;
    JsonWriter json(result.json = {});
    json.begin_object();
    ops::BackfillObserver observer;
    observer.on_end = [&](const pipeline::Step& step, const collect::BackfillProgress& done) {
        json.member(step.name, done.done);
        if (done.done > 0) context.say(fmt::format("{}: {}", step.name, count_of(done.done, "article")));
    };
    ops::backfill(context.environment, options, observer);
    json.end_object();
    return result;
}
}

const JobKind k_backfill_job{"backfill", "Find what is missing of articles that are stored",
                             k_backfill_arguments, nullptr, run_backfill};
}
