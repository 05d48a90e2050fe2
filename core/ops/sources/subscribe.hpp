#pragma once
#include "core/ops/sources/discover_feeds.hpp"
#include "core/ops/sources/source_changes.hpp"

// A source made of an address alone.
namespace cti::ops {

struct Subscription {
    int id = 0;
    SourceSpec spec;
    std::size_t entries = 0; // of its feed now
    std::optional<Time> newest;
    std::size_t other_feeds = 0; // that the page announces beside it
};

// Finds the feed of `discover.url`, and adds it under the title that it gives itself; identifier and name are
// made as for an OPML list (opml_sources.hpp), the rest is as `options` says. Throws as discover_feeds() and
// add_source(), and Error(usage) where a source reads that feed already.
Subscription subscribe(const Environment& environment, const std::atomic<int>* stop,
                       const DiscoverOptions& discover, SourceOptions options);
}
