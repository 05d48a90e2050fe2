#pragma once
#include "core/monitor/routes.hpp"

// A monitor at noon in which all is well, for tests to change.
namespace cti::monitor::test {
Time noon();
// Noon on both clocks; the steady one has been running for ten days.
SteadyTime steady_noon();
Instant noon_on_both();
Source make_source(int id, const std::string& identifier);
struct Sample {
    Sample();
    FastStatus fast;
    SlowStatus slow;
    JobStatus jobs;
    store::Counters job_totals;
    Snapshot snapshot;
    LoopView loop;
    State state() const; // a copy of it all
};
}
