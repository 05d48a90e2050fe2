#pragma once
#include "core/monitor/exposition.hpp"
#include "core/monitor/snapshot.hpp"

// What /metrics says of jobs and workers. Pure.
namespace cti::monitor {

// Only what has been read.
void write_job_metrics(Families& out, const Snapshot& snapshot);
}
