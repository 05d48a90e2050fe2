#pragma once
#include "core/monitor/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

// The sources on the page for people: those that fail, or those of a state that was asked for with ?state=.
namespace cti::monitor {

// "failing", "warning", "never", "healthy", "disabled", "all"; "" is the page as it opens.
bool is_source_filter(std::string_view state);
std::string source_filters(); // their names, for people

// Failing ones first: that is what the page is opened for.
std::vector<const SourceStatus*> by_urgency(const std::vector<SourceStatus>& sources);
long articles_of(const Snapshot& snapshot, int source_id); // of the last 24 h

std::string render_sources(const Snapshot& snapshot, std::string_view state, Time now);
}
