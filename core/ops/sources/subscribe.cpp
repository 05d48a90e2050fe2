#include "core/ops/sources/subscribe.hpp"

#include "core/base/url.hpp"
#include "core/ops/sources/opml_sources.hpp"

#include <fmt/format.h>

namespace cti::ops {
namespace {

std::vector<Source> list_sources(const Environment& environment) {
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    return store::list_sources(tx, db::read_schema(tx));
}

SourceSpec spec_of(const FoundFeed& found, const std::string& asked, const std::vector<Source>& rows) {
    feed::Opml opml;
    auto& outline = opml.outlines.emplace_back();
    outline.title = found.feed.title;
    outline.feed_url = found.url;
    outline.site_url = found.feed.link.empty() ? asked : found.feed.link;
    auto specs = to_specs(opml, rows);
    if (!specs.known.empty())
        throw Error{ExitCode::usage, fmt::format("a source reads '{}' already", without_userinfo(found.url)),
                    "'cti sources list' shows which."};
    if (specs.added.empty())
        throw Error{ExitCode::usage,
                    specs.warnings.empty() ? "it cannot be a source" : specs.warnings.front()};
    return std::move(specs.added.front());
}
}

Subscription subscribe(const Environment& environment, const std::atomic<int>* stop,
                       const DiscoverOptions& discover, SourceOptions options) {
    const auto found = discover_feeds(stop, discover);
    const auto made = spec_of(found.front(), discover.url, list_sources(environment));
    options.spec.identifier = made.identifier;
    options.spec.name = made.name;
    options.spec.url = made.url;
    if (!options.spec.rss_url) options.spec.rss_url = made.rss_url;
    Subscription subscription;
    subscription.id = add_source(environment, options);
    subscription.spec = options.spec;
    subscription.entries = found.front().feed.entries.size();
    subscription.newest = newest_of(found.front().feed);
    subscription.other_feeds = found.size() - 1;
    return subscription;
}
}
