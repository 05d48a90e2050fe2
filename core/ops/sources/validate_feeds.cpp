#include "core/ops/sources/validate_feeds.hpp"

#include "core/base/version.hpp"
#include "core/collect/logins.hpp"
#include "core/source/kind.hpp"

namespace cti::ops {
namespace {

constexpr int k_at_once = 20;
}

std::vector<FeedProblem> validate_feeds(const Environment& environment, const std::vector<SourceSpec>& specs,
                                        bool allow_private, const sources::Secrets* secrets) {
    std::vector<FeedProblem> problems;
    net::Client client({.max_connections = k_at_once, .max_connections_per_host = 2, .proxy = {}});
    const auto start = [&](const SourceSpec& spec) {
        auto request = source::make_feed_request(*spec.rss_url);
        request.user_agent = user_agent();
        request.allow_private = allow_private;
        const collect::Logins logins(spec, secrets);
        if (!logins.fault().empty()) {
            problems.push_back({spec.identifier, *spec.rss_url, logins.fault()});
            return;
        }
        logins.add_to(request);
        client.start(std::move(request), [&](const net::Response& response) {
            auto what = source::find_feed_fault(response);
            if (!what.empty()) problems.push_back({spec.identifier, *spec.rss_url, std::move(what)});
        });
    };
    auto next = specs.begin();
    while (!environment.is_stopped() && (next != specs.end() || client.active() > 0)) {
        while (next != specs.end() && client.active() < k_at_once) {
            if (!next->rss_url.value_or("").empty()) start(*next);
            ++next;
        }
        client.run_once(std::chrono::milliseconds(100));
    }
    return problems;
}
}
