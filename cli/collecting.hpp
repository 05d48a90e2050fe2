#pragma once
#include "cli/command.hpp"
#include "cli/fetching.hpp"
#include "cli/intel_files.hpp"
#include "core/collect/collect.hpp"

#include <string>
#include <vector>

// What `collect` and `monitor` share.
namespace cti::cli {

struct CollectOptions {
    int jobs = 20, workers = 0; // workers 0: as many as there are cores
    FetchOptions fetch;
    int per_host = 2, lease_s = 120, db_wait_s = 30;
    double host_delay_s = 0;
    bool no_pages = false;
    std::string proxy;
    IntelOptions intel;
};
void add_network_options(Options& app, CollectOptions& options); // how a source is asked
void add_collect_options(Options& app, CollectOptions& options);
collect::Options to_options(const CollectOptions& options,
                            std::shared_ptr<const collect::Intelligence> intelligence);

// How long the database is waited for while it is restarted or fails over; a stop ends the waiting.
db::OutagePolicy outage_policy(const CollectOptions& options);

// Tells of each source as it comes (-v), of failures always, and keeps the progress line.
// on_tick: called several times a second.
collect::Report collect_with_progress(const Context& context, db::Database& database,
                                      const db::Schema& schema, collect::Options options,
                                      const std::function<void()>& on_tick = {});
void summarise(const collect::Report& report);
// What a watchdog does at the end: says why, and ends the process without cleaning up.
[[noreturn]] void end_hung_process(const std::string& why);
}
