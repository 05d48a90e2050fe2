#include "cli/fetching.hpp"

#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/net/fault.hpp"
#include "core/source/kind.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace cti::cli {

void add_fetch_options(Options& app, FetchOptions& options) {
    app.add_option("--timeout", options.timeout_s, "Seconds that one request may take in all")
        .between(1, 3600)
        .type_name("S")
        .envname("CTI_TIMEOUT")
        .capture_default_str()
        .group("Network");
    app.add_flag("--allow-private", options.allow_private,
                 "Let addresses be private, loopback and other special ones")
        .envname("CTI_ALLOW_PRIVATE")
        .group("Network");
    app.add_option("--user-agent", options.user_agent, "What servers see as User-Agent (cti/VERSION)")
        .type_name("TEXT")
        .envname("CTI_USER_AGENT")
        .group("Network");
}

net::Request to_request(const FetchOptions& options, std::string url) {
    if (printable(options.user_agent) != options.user_agent)
        throw Error{ExitCode::usage, "--user-agent: control characters are refused"};
    auto request = source::make_feed_request(std::move(url));
    request.user_agent = options.user_agent.empty() ? user_agent() : options.user_agent;
    request.limits.total_timeout = std::chrono::seconds{options.timeout_s};
    request.limits.connect_timeout = std::min(request.limits.connect_timeout, request.limits.total_timeout);
    request.allow_private = options.allow_private;
    return request;
}

bool is_address(std::string_view argument) {
    return istarts_with(argument, "http://") || istarts_with(argument, "https://");
}

net::Response fetch_content(net::Request request) {
    const auto url = request.url;
    net::Client client({});
    std::optional<net::Response> response;
    client.start(std::move(request), [&](net::Response answer) { response = std::move(answer); });
    while (!response) {
        if (stop_signal() != 0)
            throw Error{stopped_or(ExitCode::failure), fmt::format("stopped while fetching '{}'", url)};
        client.run_once(std::chrono::milliseconds{100});
    }
    if (const auto fault = net::find_fault(*response); !fault.empty())
        throw Error{ExitCode::failure, fmt::format("cannot fetch '{}': {}", url, fault),
                    response->failure == net::Failure::refused_address
                        ? "Addresses that are not public are asked with --allow-private."
                        : ""};
    return *std::move(response);
}
}
