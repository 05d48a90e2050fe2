#pragma once
#include "cli/options/collect_options.hpp"
#include "cli/options/options.hpp"
#include "cli/options/status_options.hpp"
#include "cli/options/worker_options.hpp"

#include <optional>
#include <string>

namespace cti::cli {

struct MonitorOptions {
    CollectArguments collecting;
    std::optional<Option> interval_option; // tells whether it was given
    StatusOptions status;
    int interval_s = 300, cycle_limit_s = 3600, keep_days = 90;
    std::string schedule, collect_schedule, housekeeping_schedule = "30 3 * * *", time_zone = "UTC";
    bool once = false;
    int workers = 2; // jobs at the same time
    JobResources resources;
    std::optional<Option> housekeeping_option; // tells whether it was given
    std::string webhook;
    int webhook_failures = 5, webhook_stale_s = 3 * 10'800;
    std::optional<double> webhook_min_score;
};

// The monitor: puts the parts of core/monitor together with the process's clock, signals and settings.
ExitCode run_monitor(Context& context, const MonitorOptions& options);
}
