#include "core/net/post.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"
#include "core/net/fetcher.hpp"

#include <algorithm>
#include <curl/curl.h>
#include <fmt/format.h>
#include <memory>

namespace cti::net {
namespace {
size_t ignore(char*, size_t size, size_t count, void* received) {
    auto& sum = *static_cast<std::size_t*>(received);
    sum += size * count;
    return sum > 64 * 1024 ? 0 : size * count; // An answer has nothing to say; an endless one is cut.
}

bool is_this_machine(const std::string& url) {
    const auto host = host_of(url);
    if (host == "localhost") return true;
    const auto range = special_range_of_literal(host);
    return range && *range == "loopback";
}
}

std::string post_refusal(const std::string& url, bool allow_plain) {
    const bool is_plain = istarts_with(url, "http://");
    if (!is_plain && !istarts_with(url, "https://")) return "it is no http or https address";
    if (is_plain && !allow_plain && !is_this_machine(url)) return "it is not https";
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }))
        return "it has blanks or control characters";
    return {};
}

std::string post(const PostRequest& request) {
    if (const auto refusal = post_refusal(request.url, request.allow_plain); !refusal.empty())
        return "the address is refused: " + refusal;
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
    if (!handle) return "libcurl has no handle";
    curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
    for (const auto& header : request.headers) list = curl_slist_append(list, header.c_str());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list, curl_slist_free_all);
    auto* const curl = handle.get();
    std::size_t received = 0;
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, request.user_agent.c_str());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
    if (!request.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, request.proxy.c_str());
    if (const auto code = curl_easy_perform(curl); code != CURLE_OK && code != CURLE_WRITE_ERROR)
        return curl_easy_strerror(code);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300 ? std::string() : fmt::format("HTTP {}", status);
}
}
