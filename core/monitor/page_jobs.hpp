#pragma once
#include "core/monitor/snapshot.hpp"

#include <string>

// The queue and who works, on the page for people.
namespace cti::monitor {

// Nothing where there is neither a job nor a worker. now: of the database's clock.
std::string render_jobs(const Snapshot& snapshot, Time now);
}
