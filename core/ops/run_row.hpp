#pragma once
#include "core/store/own/runs.hpp"

#include <string>

// How a run of a command is named and written down.
namespace cti::ops {

std::string new_run_id();   // 16 hexadecimal digits, at random
std::string this_process(); // "host:pid", for people

// One row of cti.runs and its counter. A role that may not write, or a database that went away meanwhile,
// makes no error of a command that has done its work.
void record_finished_run(db::Database& database, store::RunRow row);
}
