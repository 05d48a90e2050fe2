#pragma once
#include "cli/command.hpp"
#include "core/net/client.hpp"

#include <string>

// Fetching for the commands that take an address, and the network options that all of them share.
namespace cti::cli {

struct FetchOptions {
    int timeout_s = 60;
    bool allow_private = false;
    std::string user_agent; // "" is cti's own
};
void add_fetch_options(Options& app, FetchOptions& options);

// Throws Error(usage) where an option holds what no server may see.
net::Request to_request(const FetchOptions& options, std::string url);

// http: or https:, whatever the case; what has another form is a file.
bool is_address(std::string_view argument);

// The answer with its content. Throws Error(failure): "cannot fetch '…': HTTP 404 (not found)". A signal to
// stop ends it with Error(interrupted or terminated).
net::Response fetch_content(net::Request request);
}
