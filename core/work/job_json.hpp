#pragma once
#include "core/base/json.hpp"
#include "core/store/own/job_list.hpp"

#include <string>
#include <vector>

// The queue as JSON: the same for the commands and for the status server.
namespace cti::work {

void write_job(JsonWriter& json, const Job& job);  // members of an object that is open
std::string to_json(const std::vector<Job>& jobs); // an array
// An object, with "lines": [{"at": …, "line": …}].
std::string to_json(const Job& job, const std::vector<store::JobLine>& lines);
// {"jobs": {kind: {state: count}}, "oldest_ready_seconds": …, "workers": […]}
std::string to_json(const store::JobCounts& counts, const std::vector<store::Worker>& workers);
}
