#include "core/net/webhook.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"
#include "core/net/credentials.hpp"
#include "core/net/gate.hpp"
#include "core/net/proxy.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace cti::net {
namespace {
constexpr std::size_t k_max_answer = 64 * 1024; // It has nothing to say; an endless one is cut.
constexpr std::chrono::seconds k_timeout{10};

bool is_this_machine(const std::string& url) {
    const auto host = host_of(url);
    if (host == "localhost") return true;
    const auto range = special_range_of_literal(host);
    return range && *range == "loopback";
}

// no_proxy of the environment goes before a proxy that was given.
std::string proxy_of(const std::string& url, const std::string& given) {
    if (given.empty()) return {};
    ProxySettings settings;
    settings.all = given;
    settings.none = proxies_of_environment().none;
    return proxy_for(url, settings);
}

// The client's own words may quote the host.
const char* words_of(Failure failure) {
    switch (failure) {
    case Failure::resolve: return "the name of the host cannot be resolved";
    case Failure::connect: return "no connection";
    case Failure::tls: return "the server does not prove who it is (TLS)";
    case Failure::timeout: return "no answer in time";
    case Failure::bad_url: return "the address cannot be asked";
    default: return "the connection broke";
    }
}
}

std::string webhook_refusal(const std::string& url, bool allow_plain) {
    const bool is_plain = istarts_with(url, "http://");
    if (!is_plain && !istarts_with(url, "https://")) return "it is no http or https address";
    if (is_plain && !allow_plain && !is_this_machine(url)) return "it is not https";
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }))
        return "it has blanks or control characters";
    return std::string(url_refusal(split_credentials(url).first));
}

Request make_post(const std::string& url, std::string json, const std::string& proxy) {
    Request request;
    std::tie(request.url, request.credentials) = split_credentials(url);
    request.method = "POST";
    request.body = std::move(json);
    request.headers = {"Content-Type: application/json"};
    request.allow_private = true;
    request.redirects = Redirects::answer;
    request.cut_at_limit = true;
    request.limits.max_bytes = k_max_answer;
    request.limits.total_timeout = k_timeout;
    request.proxy = proxy_of(request.url, proxy);
    return request;
}

std::string post_fault(const Response& response) {
    const bool is_taken = response.status >= 200 && response.status < 300;
    // What it said besides does not count, and may be broken.
    const bool is_unreadable =
        response.failure == Failure::encoding || response.failure == Failure::too_large;
    if (response.failure != Failure::none && !(is_unreadable && response.status > 0))
        return words_of(response.failure);
    return is_taken ? std::string() : fmt::format("HTTP {}", response.status);
}

std::string signature_of(const std::string& secret, const std::string& body) {
    return "sha256=" + hmac_sha256_hex(secret, body);
}

void require_fit(const Webhook& webhook) {
    if (const auto refusal = webhook_refusal(webhook.url, webhook.allow_plain); !refusal.empty())
        throw Error{ExitCode::usage, "the webhook's address is refused: " + refusal,
                    "Use https, or http with --allow-private inside a private network."};
}

std::string post_event(const Webhook& webhook, const std::string& id, std::string json) {
    auto request = make_post(webhook.url, std::move(json), webhook.proxy);
    request.user_agent = webhook.user_agent;
    request.headers.push_back("X-Cti-Event-Id: " + id);
    if (!webhook.secret.empty())
        request.headers.push_back("X-Hub-Signature-256: " + signature_of(webhook.secret, request.body));
    return post_fault(fetch(std::move(request)));
}

std::string chat_text(std::string_view text) {
    std::string out;
    for (const char c : printable(head_code_points(text, 300))) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}
}
