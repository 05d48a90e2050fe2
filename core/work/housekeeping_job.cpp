#include "core/base/json.hpp"
#include "core/ops/housekeeping.hpp"
#include "core/work/job_kind.hpp"

#include <optional>

namespace cti::work {
namespace {
using Type = JobArgument::Type;

constexpr JobArgument k_housekeeping_arguments[] = {
    {"keep_days", Type::number, "N", "Keep checks, runs and notifications for N days (90)"},
};

void check_housekeeping(const Arguments& arguments) {
    if (const auto days = arguments.number("keep_days"); days && (*days < 1 || *days > 36'500))
        throw Error{ExitCode::usage, "keep_days is not between 1 and 36500"};
}

JobResult run_housekeeping(const JobContext& context, const Arguments& arguments) {
    store::Retention retention;
    if (const auto days = arguments.number("keep_days"))
        retention.checks = retention.runs = retention.notifications = std::chrono::days{*days};
    auto database = context.environment.connect();
    std::optional<db::Schema> schema;
    {
        db::Transaction transaction(database, db::Access::read_only);
        schema = db::read_schema(transaction);
    }
    ops::HousekeepingObserver observer;
    observer.is_stopped = [&] { return context.environment.is_stopped(); };
    const auto done = ops::run_housekeeping(database, *schema, retention, observer);
    context.say(ops::describe(done));
    JobResult result;
    JsonWriter json(result.json = {});
    json.begin_object().member("checks", done.checks).member("entries", done.entries);
    json.member("runs", done.runs).member("notifications", done.notifications);
    json.member("jobs", done.jobs).member("orphans", done.orphans).end_object();
    return result;
}
}

const JobKind k_housekeeping_job{"housekeeping", "Remove what nobody asks for any more",
                                 k_housekeeping_arguments, check_housekeeping, run_housekeeping};
}
