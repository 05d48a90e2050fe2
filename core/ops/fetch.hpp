#pragma once
#include "core/net/client.hpp"

#include <atomic>
#include <string>
#include <string_view>

// Fetching for the use cases that take an address.
namespace cti::ops {

struct FetchOptions {
    int timeout_s = 60; // of one request in all
    bool allow_private = false;
    std::string user_agent; // "" is cti's own
};
// Throws Error(usage) where it holds what no server may see.
std::string user_agent_of(const FetchOptions& options);
net::Limits limits_of(const FetchOptions& options);

// For a document that should be a feed. A login in the address becomes credentials, so that no message shows
// it. Throws as user_agent_of().
net::Request to_request(const FetchOptions& options, const std::string& url);

// http: or https:, whatever the case; what has another form is a file.
bool is_address(std::string_view argument);

// The answer with its content. Throws Error(failure): "cannot fetch '…': HTTP 404 (not found)". A stop ends
// it with the Error of exit_code_of().
net::Response fetch_content(net::Request request, const std::atomic<int>* stop);
}
