#include "core/bucket/client.hpp"

#include "core/base/hash.hpp"
#include "core/base/pause.hpp"
#include "core/base/text.hpp"
#include "core/bucket/answers.hpp"
#include "core/net/retry.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <random>

namespace cti::bucket {
namespace {
using namespace std::chrono_literals;
constexpr int k_max_attempts = 6;
constexpr auto k_base = 500ms, k_cap = 20'000ms;
constexpr std::string_view k_again[] = {
    "SlowDown",         "RequestTimeout",           "InternalError", "ServiceUnavailable", "BadDigest",
    "OperationAborted", "XAmzContentSHA256Mismatch"};

bool is_well(const Order& order, const net::Response& response) {
    if (response.failure != net::Failure::none) return false;
    // The end of an upload in parts may fail although its answer began well.
    if (response.status < 300) return order.method != "POST" || parse_fault(response.body).code.empty();
    return std::ranges::find(order.expected, response.status) != order.expected.end();
}

bool is_worth_another(const net::Response& response) {
    if (net::may_pass(response) || response.status == 429) return true;
    return std::ranges::find(k_again, parse_fault(response.body).code) != std::end(k_again);
}

bool is_refusal(const net::Response& response) {
    return response.failure == net::Failure::none &&
           (response.status / 100 == 3 || response.status == 400 || response.status == 401 ||
            response.status == 403 || response.status == 404);
}

std::string hint_for(const Fault& fault) {
    if (!fault.region.empty())
        return fmt::format("The bucket is in another region: set AWS_REGION={}.",
                           printable(head_code_points(fault.region, 40)));
    if (fault.code == "RequestTimeTooSkewed" || fault.code == "RequestExpired")
        return "The clock of this machine is wrong: set it, or let NTP do so.";
    if (fault.code == "InvalidAccessKeyId" || fault.code == "SignatureDoesNotMatch" ||
        fault.code == "ExpiredToken" || fault.code == "InvalidToken")
        return "See that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN belong together and "
               "still count.";
    if (fault.code == "AccessDenied") return "Let the key read, write, list and delete below the prefix.";
    if (fault.code == "NoSuchBucket") return "Make the bucket first; cti makes none.";
    return {};
}

std::string reason_of(const net::Response& response, const Fault& fault) {
    if (response.failure != net::Failure::none) return response.error;
    const auto message = printable(head_code_points(fault.message, 300));
    if (fault.code.empty()) return fmt::format("HTTP {}", response.status);
    const auto code = printable(head_code_points(fault.code, 60));
    return message.empty() ? fmt::format("{} (HTTP {})", code, response.status)
                           : fmt::format("{} (HTTP {}): {}", code, response.status, message);
}
}

Client::Client(Settings settings, std::string bucket, IsStopped is_stopped)
    : m_settings(std::move(settings)), m_bucket(std::move(bucket)), m_is_stopped(std::move(is_stopped)),
      m_client(std::make_unique<net::Client>(net::ClientSettings{})) {
    require_usable(m_settings);
}

net::Request Client::make_request(const Order& order) const {
    net::Request request;
    request.url = url_of(m_settings, m_bucket, order.key);
    if (!order.query.empty()) request.url += '?' + order.query;
    request.method = order.method, request.body = order.body;
    request.user_agent = m_settings.user_agent, request.ca_file = m_settings.ca_file;
    request.headers = order.headers;
    request.headers.push_back("x-amz-content-sha256: " + sha256_hex(order.body));
    if (order.method == "PUT" || order.method == "POST")
        request.headers.emplace_back("Content-Type: application/octet-stream");
    auto& credentials = request.credentials;
    credentials.user = m_settings.access_key, credentials.password = m_settings.secret_key;
    credentials.aws_signature = fmt::format("aws:amz:{}:s3", region_of(m_settings));
    if (!m_settings.session_token.empty())
        credentials.headers.push_back("x-amz-security-token: " + m_settings.session_token);
    // Whoever named the endpoint may have it in a private network; where it redirects to, nobody follows.
    request.allow_private = !m_settings.endpoint.empty();
    request.redirects = net::Redirects::answer;
    request.unpacks = false;
    request.limits.max_bytes = order.max_bytes;
    // From the first byte sent: 8 MiB go through a line of 0.3 Mbit/s.
    request.limits.first_byte_timeout = m_is_in_a_hurry ? 5s : 240s;
    request.limits.stall_timeout = m_is_in_a_hurry ? 5s : 60s;
    request.limits.total_timeout = m_is_in_a_hurry ? 10s : 600s;
    return request;
}

net::Response Client::send_once(const net::Request& request) {
    std::optional<net::Response> response;
    m_client->start(request, [&](net::Response answer) { response = std::move(answer); });
    while (!response) {
        if (!m_is_in_a_hurry && m_is_stopped && m_is_stopped()) {
            // With the client the request is gone, which would call back into this function.
            m_client = std::make_unique<net::Client>(net::ClientSettings{});
            throw Error{ExitCode::interrupted, "stopped"};
        }
        m_client->run_once(100ms);
    }
    return *std::move(response);
}

void Client::pause(int attempt, const net::Response& response) const {
    auto wait = net::backoff(attempt, k_base, k_cap, std::random_device{}());
    if (response.retry_after)
        wait = std::max(wait, std::min<std::chrono::milliseconds>(*response.retry_after, 60s));
    if (!pause_for(wait, m_is_stopped)) throw Error{ExitCode::interrupted, "stopped"};
}

net::Response Client::send(const Order& order) {
    for (int attempt = 1;; ++attempt) {
        auto response = send_once(make_request(order)); // signed anew: a signature is good for minutes
        if (is_well(order, response)) return response;
        if (m_is_in_a_hurry || attempt == k_max_attempts || !is_worth_another(response))
            fail(order, response);
        pause(attempt + 1, response);
    }
}

// What a server says may quote what it was sent.
std::string Client::mask(std::string text) const {
    for (const auto& secret : {m_settings.secret_key, m_settings.session_token})
        for (auto at = secret.empty() ? text.npos : text.find(secret); at != text.npos;
             at = text.find(secret, at))
            text.replace(at, secret.size(), "***"), at += 3;
    return text;
}

void Client::fail(const Order& order, const net::Response& response) const {
    const auto fault = parse_fault(response.body);
    const bool writes = order.method != "GET" && order.method != "HEAD";
    const auto code = writes ? ExitCode::output : is_refusal(response) ? ExitCode::usage : ExitCode::failure;
    const auto where =
        order.key.empty() ? "s3://" + m_bucket : fmt::format("s3://{}/{}", m_bucket, order.key);
    throw Error{code,
                mask(fmt::format("cannot {} '{}': {}", writes ? "change" : "read", printable(where),
                                 reason_of(response, fault))),
                hint_for(fault)};
}
}
