#include "core/net/transfer.hpp"

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/base/url.hpp"
#include "core/net/caching.hpp"
#include "core/net/challenge.hpp"
#include "core/net/gate.hpp"
#include "core/net/proxy.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cti::net {
namespace {
using std::chrono::milliseconds;

// RFC 9110 section 15.4, with the habit of browsers that a POST that has moved becomes a GET.
bool becomes_get(int status, std::string_view method) {
    if (method == "GET" || method == "HEAD") return false;
    return status == 303 || ((status == 301 || status == 302) && method == "POST");
}

// Nobody but the origin that was meant is told to do something, or gets what was to be sent.
bool is_for_its_origin_alone(const Request& request) {
    return (request.method != "GET" && request.method != "HEAD") || !request.body.empty();
}

bool is_of_body(std::string_view header) { return istarts_with(header, "content-"); }
}

void Transfer::start_hop(Moment now) {
    const auto proxy = proxy_for(url, *proxies);
    by_proxy = !proxy.empty();
    head = Head{};
    stop = Stop::none;
    response.body.clear();
    decompressor.reset(), has_body = false;
    refused_address.clear();
    error_text[0] = '\0';
    answer_due = Moment::max();
    window_bytes = 0;
    const auto used = std::chrono::duration_cast<milliseconds>(now - started);
    const auto left =
        std::max(request.time_left.value_or(request.limits.total_timeout) - used, milliseconds{1});
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(request.limits.connect_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_URL, wire_url(url).c_str());
    set_connection_options(proxy);
    set_callbacks();
    set_method();
    set_credentials();
    set_request_headers();
    set_cookies();
}

void Transfer::set_connection_options(const std::string& proxy) {
    CURL* h = handle;
    curl_easy_setopt(h, CURLOPT_PRIVATE, this);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error_text.data());
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L); // Each target is looked at first, see follow().
    curl_easy_setopt(h, CURLOPT_PROXY,
                     proxy.c_str()); // "" also turns the environment's off: it was read before.
    curl_easy_setopt(h, CURLOPT_NOPROXY, "");
    curl_easy_setopt(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // Its gzip ends with the first member, and of an unknown coding it gives nothing: we unpack ourselves.
    curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, asks_libcurl ? "" : nullptr);
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!request.ca_file.empty()) {
        curl_easy_setopt(h, CURLOPT_CAINFO, request.ca_file.c_str());
        curl_easy_setopt(h, CURLOPT_CAPATH, nullptr);
    }
}

// Of the hop before, the options are still there.
void Transfer::set_method() {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, nullptr);
    const auto& method = request.method;
    if (method == "HEAD") {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
        return;
    }
    // These say how long their body is, also where it is empty (RFC 9110 section 8.6).
    if (method == "POST" || method == "PUT" || method == "PATCH" || !request.body.empty()) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void Transfer::set_credentials() {
    const auto& given = request.credentials;
    const bool is_meant = origin_of(url) == origin_of(request.url);
    const bool by_token = is_meant && !given.bearer.empty();
    const bool by_password = is_meant && !by_token && given.has_login();
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH,
                     static_cast<long>(by_token ? CURLAUTH_BEARER : CURLAUTH_BASIC));
    const bool is_signed = by_password && !given.aws_signature.empty();
    curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, is_signed ? given.aws_signature.c_str() : nullptr);
    curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, by_token ? given.bearer.c_str() : nullptr);
    curl_easy_setopt(handle, CURLOPT_USERNAME, by_password ? given.user.c_str() : nullptr);
    curl_easy_setopt(handle, CURLOPT_PASSWORD, by_password ? given.password.c_str() : nullptr);
}

void Transfer::set_request_headers() {
    curl_slist_free_all(headers);
    headers = curl_slist_append(nullptr, fmt::format("Accept: {}", request.accept).c_str());
    if (!asks_libcurl && request.unpacks)
        headers = curl_slist_append(headers, "Accept-Encoding: gzip, deflate");
    // A body is sent at once, without asking whether it may. libcurl signs what is only left out, too (7.88).
    const bool is_signed = !request.credentials.aws_signature.empty();
    if (!is_signed) headers = curl_slist_append(headers, "Expect:");
    if (!is_signed &&
        !std::ranges::any_of(request.headers, [](const auto& h) { return istarts_with(h, "content-type:"); }))
        headers = curl_slist_append(headers, "Content-Type:"); // libcurl's guess is that of a form.
    const auto first = split_url(request.url), here = split_url(url);
    const bool is_downgrade = iequals(first.scheme, "https") && !iequals(here.scheme, "https");
    if (iequals(first.host, here.host) && !is_downgrade)
        for (const auto& header : request.headers)
            if (const auto line = header_value(header); !line.empty())
                headers = curl_slist_append(headers, std::string(line).c_str());
    if (origin_of(url) == origin_of(request.url))
        for (const auto& header : request.credentials.headers)
            headers = curl_slist_append(headers, header.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, request.user_agent.c_str());
}

// Only sites that redirect until their cookie comes back need any. A handle that was used before forgets its
// own.
void Transfer::set_cookies() {
    if (std::exchange(has_cookies, true)) return;
    curl_easy_setopt(handle, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(handle, CURLOPT_COOKIELIST, "ALL");
    for (const auto& cookie : request.chain.cookies)
        curl_easy_setopt(handle, CURLOPT_COOKIELIST, cookie.c_str());
}

// For the request that goes on at another host.
void Transfer::keep_cookies() {
    curl_slist* list = nullptr;
    curl_easy_getinfo(handle, CURLINFO_COOKIELIST, &list);
    for (const auto* one = list; one != nullptr; one = one->next) response.cookies.emplace_back(one->data);
    curl_slist_free_all(list);
}

bool Transfer::is_overdue(Moment now) {
    if (!head.complete) {
        if (now >= answer_due) stop = Stop::no_answer;
    } else if (now >= window_began + request.limits.stall_timeout) {
        stop = Stop::stalled;
    }
    return stop == Stop::no_answer || stop == Stop::stalled;
}

Moment Transfer::next_check() const {
    return head.complete ? window_began + request.limits.stall_timeout : answer_due;
}

Transfer::Next Transfer::finish_hop(CURLcode code, Moment now) {
    if (stop == Stop::packed_otherwise) return Next::another_hop;
    const bool is_moved = head.complete && is_redirect(head);
    if (is_moved && request.redirects != Redirects::answer) {
        if (follow() == Next::another_hop) return Next::another_hop;
    } else if (!is_moved &&
               !(head.complete && (head.status >= 400 || head.status == 304 || stop == Stop::enough))) {
        // Of an error, a redirect, and a 304 that wrongly carries a body, the status is all that counts.
        if (code != CURLE_OK || !head.complete) classify_failure(code == CURLE_OK ? CURLE_GOT_NOTHING : code);
        refuse_unknown_coding();
    }
    fill_response(now);
    return Next::done;
}

// Servers write a charset there, or what they think of their cache; browsers read the body as it is.
void Transfer::refuse_unknown_coding() {
    const bool is_unknown = !head.coding.empty() && !is_packed_by_zlib(head) && !is_packed_otherwise(head);
    if (!is_unknown || !request.unpacks || response.failure != Failure::none) return;
    const auto start = std::string_view(response.body).substr(0, 1000);
    if (std::ranges::none_of(start, [](char c) { return c >= 0 && c < ' ' && !is_ascii_space(c); })) return;
    response.failure = Failure::encoding;
    response.error = fmt::format("its Content-Encoding '{}' is not known", printable(head.coding));
}

// Why the next hop is not made; no failure where it may be.
Refusal Transfer::find_redirect_refusal(const std::string& target) const {
    const auto& most = request.limits.max_redirects;
    if (request.chain.hops >= most)
        return {Failure::redirects, fmt::format("redirected more than {} times", most), {}};
    const auto because = [&](Failure failure, std::string_view why) {
        const auto shown = printable(head_code_points(target, 200));
        return Refusal{failure, fmt::format("refused the redirect to {}: {}", shown, why), {}};
    };
    const bool is_proxied = !proxy_for(target, *proxies).empty();
    if (const auto refusal = find_refusal(target, request.allow_private, is_proxied); !refusal.reason.empty())
        return because(refusal.failure == Failure::bad_url ? Failure::redirects : refusal.failure,
                       refusal.why);
    if (const auto reason = downgrade_refusal(url, target); !reason.empty())
        return because(Failure::redirects, reason);
    if (is_for_its_origin_alone(request) && !becomes_get(head.status, request.method) &&
        origin_of(target) != origin_of(request.url))
        return because(Failure::redirects, fmt::format("a {} is not for another server", request.method));
    return {};
}

void Transfer::become_get() {
    request.method = "GET";
    request.body.clear();
    std::erase_if(request.headers, is_of_body);
}

Transfer::Next Transfer::follow() {
    auto& chain = request.chain;
    const auto target = redirect_target(url, head.location);
    if (auto refusal = find_redirect_refusal(target); refusal.failure != Failure::none) {
        response.failure = refusal.failure, response.error = std::move(refusal.reason);
        return Next::done;
    }
    if (becomes_get(head.status, request.method)) become_get();
    ++chain.hops;
    chain.all_permanent = chain.all_permanent && (head.status == 301 || head.status == 308);
    if (chain.all_permanent) chain.permanent_url = target;
    const bool other_host = !iequals(split_url(url).host, split_url(target).host);
    if (request.redirects == Redirects::stop_at_other_hosts && other_host) {
        response.next_url = target;
        keep_cookies();
        return Next::done;
    }
    url = target;
    return Next::another_hop;
}

void Transfer::fill_response(Moment now) {
    if (response.failure != Failure::none)
        response.body = std::string(); // What came of it may be ten megabytes.
    response.status = head.complete ? head.status : 0;
    response.url = url;
    response.duration = std::chrono::duration_cast<std::chrono::microseconds>(now - started);
    response.permanent_url = request.chain.permanent_url;
    response.redirects = request.chain.hops;
    curl_off_t wire = 0;
    curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    response.received = wire;
    if (!head.complete) return;
    response.content_type = std::move(head.content_type);
    response.content_location = std::move(head.content_location);
    response.etag = std::move(head.etag);
    response.last_modified = std::move(head.last_modified);
    const auto answered = parse_http_date(head.date).value_or(current_time());
    response.retry_after = parse_retry_after(head.retry_after, answered);
    response.fresh_for = fresh_for({head.cache_control, head.expires, head.age}, answered);
    const auto start = trim(std::string_view(response.body).substr(0, 200));
    const bool is_html = istarts_with(response.content_type, "text/html") ||
                         istarts_with(start, "<!doctype html") || istarts_with(start, "<html");
    response.challenge =
        find_challenge({head.status, is_html, request.is_html_unexpected, head.marks, response.body});
}
}
