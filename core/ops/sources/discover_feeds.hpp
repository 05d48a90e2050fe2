#pragma once
#include "core/base/log.hpp"
#include "core/feed/feed.hpp"
#include "core/ops/environment.hpp"
#include "core/ops/fetch.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// The feeds of a web page.
namespace cti::ops {

struct DiscoverOptions {
    std::string url; // of a web page or a feed; https:// where it has no scheme
    FetchOptions fetch;
    // What became of the candidates; empty: nobody is told.
    std::function<void(log::Level, const std::string& message)> on_note;
};

struct FoundFeed {
    std::string url;
    feed::Feed feed;
};
std::optional<Time> newest_of(const feed::Feed& feed);

// Those that the page announces, best first, and where it announces none, those at the usual places; each was
// fetched and read. Throws Error(usage) for what is no address, Error(failure) where the page cannot be
// fetched, Error(check) where there is no feed. Needs no database.
std::vector<FoundFeed> discover_feeds(const std::atomic<int>* stop, const DiscoverOptions& options);
}
