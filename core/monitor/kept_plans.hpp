#pragma once
#include "core/monitor/loop.hpp"

#include <optional>

namespace cti::monitor {

// The plans `collect` and `housekeeping` of cti.schedules, which monitors do by themselves: while one is at
// work, workers make no jobs of them.
struct KeptPlans {
    std::optional<Cron> collect, housekeeping; // nothing: disabled or removed
};

// Tells the database that this monitor does them, and what their times are by now. must_set: what `settings`
// were asked for becomes the plans first. A time that is not understood is told, and the one of `settings`
// stays.
KeptPlans keep_plans(db::Database& database, const LoopSettings& settings, bool must_set);
inline constexpr std::chrono::minutes k_keep_plans_every{1};
}
