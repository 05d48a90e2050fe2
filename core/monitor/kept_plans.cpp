#include "core/monitor/kept_plans.hpp"

#include "core/base/log.hpp"
#include "core/store/own/schedules.hpp"

namespace cti::monitor {
namespace {

// Three looks: a monitor that is busy for a moment keeps its plans.
constexpr auto k_keep = 3 * k_keep_plans_every;

void set_plan(db::Transaction& transaction, const char* name, const std::optional<Cron>& cron) {
    const auto known = store::find_plan(transaction, name);
    auto plan =
        known.value_or(store::Schedule{.name = name, .kind = name}); // The kind is called like the plan.
    plan.is_enabled = cron.has_value();
    if (cron) plan.cron = cron->expression(), plan.zone = cron->zone();
    if (known == plan) return;
    if (known)
        store::change_plan(transaction, plan);
    else if (cron)
        store::add_plan(transaction, plan);
}

std::optional<Cron> read_cron(const std::optional<store::Schedule>& plan, const std::optional<Cron>& known) {
    if (!plan || !plan->is_enabled) return std::nullopt;
    if (known && plan->cron == known->expression() && plan->zone == known->zone()) return known;
    try {
        return Cron(plan->cron, plan->zone);
    } catch (const Error& error) {
        log::warning("the schedule '{}' is left as it was: {}", plan->name, error.what());
        return known;
    }
}
}

KeptPlans keep_plans(db::Database& database, const LoopSettings& settings, bool must_set) {
    std::optional<store::Schedule> collect, housekeeping;
    db::with_retry(database, [&](db::Transaction& transaction) {
        if (must_set && settings.sets_collect && settings.plan.cron)
            set_plan(transaction, "collect", settings.plan.cron);
        if (must_set && settings.sets_housekeeping)
            set_plan(transaction, "housekeeping", settings.housekeeping);
        collect = store::keep_plan(transaction, "collect", k_keep);
        housekeeping = store::keep_plan(transaction, "housekeeping", k_keep);
    });
    return {read_cron(collect, settings.plan.cron), read_cron(housekeeping, settings.housekeeping)};
}
}
