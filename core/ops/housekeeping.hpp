#pragma once
#include "core/db/schema.hpp"
#include "core/store/own/housekeeping.hpp"

#include <chrono>
#include <functional>
#include <string>

// Removing what nobody asks for any more.
namespace cti::ops {

struct HousekeepingResult {
    long checks = 0, entries = 0, runs = 0, notifications = 0, jobs = 0, orphans = 0; // rows that went
    std::chrono::microseconds took{0};
};
struct HousekeepingObserver {
    std::function<bool()> is_stopped; // asked between two batches
    std::function<void()> on_batch;
};

// Ends after ten minutes; the next call goes on there.
HousekeepingResult run_housekeeping(db::Database& database, const db::Schema& schema,
                                    const store::Retention& retention,
                                    const HousekeepingObserver& observer = {});
// "12 old checks, 3 entries, …", for people.
std::string describe(const HousekeepingResult& result);
}
