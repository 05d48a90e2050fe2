#pragma once
#include "cli/command.hpp"
#include "core/model.hpp"

#include <string>
#include <vector>

namespace cti::cli {

struct FeedProblem {
    std::string identifier, url;
    std::string what; // "HTTP 404", "not a feed (text/html)"
};

// Fetches the feed of each source that has one and tells which are no feeds at the moment. Changes nothing: a
// passing failure must never cost a source its address.
std::vector<FeedProblem> validate_feeds(const Context& context, const std::vector<SourceSpec>& specs);
}
