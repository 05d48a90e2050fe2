#include "cli/validate_feeds.hpp"

#include "cli/collecting.hpp"
#include "cli/signals.hpp"
#include "core/collect/process.hpp"

namespace cti::cli {

std::vector<FeedProblem> validate_feeds(const Context& context, const std::vector<SourceSpec>& specs) {
    std::vector<FeedProblem> problems;
    const auto options = to_options(context, environment_options());
    net::Client client({});
    for (const auto& spec : specs) {
        if (!spec.rss_url || spec.rss_url->empty()) continue;
        net::Request request;
        request.url = *spec.rss_url, request.user_agent = options.user_agent;
        request.limits = options.limits, request.allow_private = options.allow_private;
        client.start(std::move(request), [&](const net::Response& response) {
            if (auto fault = collect::find_fault(response); !fault.empty()) problems.push_back({spec.identifier, *spec.rss_url, std::move(fault)});
        });
    }
    while (client.active() > 0 && stop_signal() == 0) client.run_once(std::chrono::milliseconds{200});
    return problems;
}
}
