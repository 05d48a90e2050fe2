#include "core/collect/fetch_request.hpp"

#include <algorithm>
#include <chrono>

namespace cti::collect {

net::FetcherSettings fetcher_settings(const Options& options) {
    net::FetcherSettings settings;
    settings.client.max_connections = options.requests.jobs;
    settings.client.max_connections_per_host = options.requests.connections_per_host;
    settings.client.proxy = options.requests.proxy;
    settings.seed = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    return settings;
}

net::FetchRequest to_request(const sources::FetchSettings& settings, const Ask& ask, const Options& options) {
    net::FetchRequest fetch;
    auto& request = fetch.request = ask.document.request;
    request.user_agent = settings.user_agent.empty() ? options.requests.user_agent : settings.user_agent;
    request.limits = options.requests.limits;
    if (settings.max_bytes) request.limits.max_bytes = *settings.max_bytes;
    if (settings.timeout) request.limits.total_timeout = *settings.timeout;
    request.allow_private = options.requests.allow_private || settings.allow_private;
    request.ca_file = settings.ca_file;
    request.proxy = settings.proxy;
    fetch.max_attempts = options.requests.max_attempts;
    fetch.obey_robots = ask.document.obey_robots && settings.obey_robots;
    fetch.rules.min_delay = std::max(options.requests.host_delay, settings.crawl_delay);
    fetch.rules.max_connections = options.requests.connections_per_host;
    fetch.rules.max_requests_per_minute = settings.max_requests_per_minute;
    return fetch;
}
}
