#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// What a source's config says about fetching, in the web service's keys and a few of our own.
namespace cti::sources {

struct FetchSettings {
    std::chrono::milliseconds crawl_delay{
        0}; // robots.crawl_delay (seconds), where robots.respect_delay is not false
    std::optional<int> max_requests_per_minute;  // robots.max_requests_per_minute
    bool obey_robots = true;                     // robots.enabled; for pages
    std::optional<std::size_t> max_bytes;        // fetch.max_mib
    std::optional<std::chrono::seconds> timeout; // fetch.timeout (seconds)
    bool allow_private = false;                  // fetch.allow_private
    std::string user_agent, ca_file, proxy;      // fetch.user_agent, fetch.ca_file, fetch.proxy
    std::string auth;                            // fetch.auth: an entry of the file of secrets
};
// Never throws; what has another type or is out of its range counts as not said.
FetchSettings read_fetch_settings(std::string_view config_json);
}
