#include "core/ops/backfill.hpp"

#include <fmt/format.h>
#include <optional>

namespace cti::ops {
namespace {

std::vector<const pipeline::Step*> choose_steps(const std::vector<std::string>& names) {
    std::vector<const pipeline::Step*> chosen;
    for (const auto& name : names) {
        const auto* const step = pipeline::find_step(name);
        if (step == nullptr) throw Error{ExitCode::usage, fmt::format("no step is named '{}'", name)};
        chosen.push_back(step);
    }
    if (names.empty())
        for (const auto& step : pipeline::steps()) chosen.push_back(&step);
    return chosen;
}
}

void backfill(const Environment& environment, const BackfillOptions& options,
              const BackfillObserver& observer) {
    const auto steps = choose_steps(options.steps);
    const auto intelligence = make_intelligence(options.intelligence);
    auto database = environment.connect();
    std::optional<db::Schema> schema;
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
    }
    const pipeline::StepTools tools{intelligence.get(), schema->generation == db::Generation::web_2025};
    collect::BackfillOptions running;
    running.batch = options.batch;
    running.again = options.again;
    running.stop = environment.stop;
    for (const auto* step : steps) {
        if (environment.is_stopped()) return;
        if (observer.on_begin) observer.on_begin(*step);
        running.on_progress = [&](const collect::BackfillProgress& progress) {
            if (observer.on_progress) observer.on_progress(*step, progress);
        };
        const auto done = collect::backfill(database, *schema, *step, tools, running);
        if (observer.on_end) observer.on_end(*step, done);
    }
}
}
