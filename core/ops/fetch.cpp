#include "core/ops/fetch.hpp"

#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/net/credentials.hpp"
#include "core/net/fault.hpp"
#include "core/ops/environment.hpp"
#include "core/source/kind.hpp"
#include "core/sources/reading.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace cti::ops {

std::string user_agent_of(const FetchOptions& options) {
    if (printable(options.user_agent) != options.user_agent)
        throw Error{ExitCode::usage, "--user-agent: control characters are refused"};
    return options.user_agent.empty() ? user_agent() : options.user_agent;
}

net::Limits limits_of(const FetchOptions& options) {
    net::Limits limits;
    limits.total_timeout = std::chrono::seconds{options.timeout_s};
    limits.connect_timeout = std::min(limits.connect_timeout, limits.total_timeout);
    return limits;
}

net::Request to_request(const FetchOptions& options, const std::string& url) {
    auto [address, credentials] = net::split_credentials(url);
    auto request = source::make_feed_request(std::move(address));
    request.credentials = std::move(credentials);
    request.user_agent = user_agent_of(options);
    request.limits = limits_of(options);
    request.allow_private = options.allow_private;
    return request;
}

bool is_address(std::string_view argument) {
    return istarts_with(argument, "http://") || istarts_with(argument, "https://");
}

namespace {
std::string hint_at(const net::Response& response, const std::string& fault) {
    if (response.failure == net::Failure::refused_address)
        return "Addresses that are not public are asked with --allow-private.";
    const auto remedy = sources::remedy_of(fault);
    return remedy.empty() ? "Look at the address in a browser: it may have changed." : std::string(remedy);
}
}

net::Response fetch_content(net::Request request, const std::atomic<int>* stop) {
    const auto url = request.url;
    net::Client client({});
    std::optional<net::Response> response;
    client.start(std::move(request), [&](net::Response answer) { response = std::move(answer); });
    while (!response) {
        if (const int number = stop == nullptr ? 0 : stop->load(); number != 0)
            throw Error{exit_code_of(number), fmt::format("stopped while fetching '{}'", url)};
        client.run_once(std::chrono::milliseconds{100});
    }
    if (const auto fault = net::find_fault(*response); !fault.empty())
        throw Error{ExitCode::failure, fmt::format("cannot fetch '{}': {}", url, fault),
                    hint_at(*response, fault)};
    return *std::move(response);
}
}
