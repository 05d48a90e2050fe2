#pragma once
#include "core/model.hpp"
#include "core/ops/environment.hpp"
#include "core/sources/secrets.hpp"

#include <string>
#include <vector>

namespace cti::ops {

struct FeedProblem {
    std::string identifier, url;
    std::string what; // "HTTP 404", "not a feed"
};

// Fetches the feed of each source that has one and tells which are no feeds at the moment. Changes nothing: a
// passing failure must never cost a source its address. A stop ends it early.
std::vector<FeedProblem> validate_feeds(const Environment& environment, const std::vector<SourceSpec>& specs,
                                        bool allow_private, const sources::Secrets* secrets = nullptr);
}
