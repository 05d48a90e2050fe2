#include "core/net/proxy.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>

namespace cti::net {
namespace {

std::string variable(const char* name, const char* other = nullptr) {
    for (const char* candidate : {name, other}) {
        if (candidate == nullptr) continue;
        if (const char* value = std::getenv(candidate); value != nullptr && *value != '\0') return value;
    }
    return {};
}

// An address as 4 or 16 bytes; empty when it is none.
std::string address_bytes(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    std::string bytes(16, '\0');
    const std::string copy(text);
    if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
    if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return bytes.substr(0, 4);
    return {};
}

bool in_network(std::string_view host, std::string_view network, std::string_view bits_text) {
    const auto address = address_bytes(host), base = address_bytes(network);
    if (address.empty() || address.size() != base.size()) return false;
    if (bits_text.empty() || bits_text.size() > 3 || !std::ranges::all_of(bits_text, is_ascii_digit))
        return false;
    const auto bits = static_cast<std::size_t>(std::stoi(std::string(bits_text)));
    if (bits > address.size() * 8) return false;
    for (std::size_t i = 0; i < bits; ++i) {
        if (((address[i / 8] ^ base[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
    }
    return true;
}

bool excepts(std::string_view entry, std::string_view host) {
    if (entry == "*") return true;
    if (const auto slash = entry.find('/'); slash != std::string_view::npos) {
        return in_network(host, entry.substr(0, slash), entry.substr(slash + 1));
    }
    if (const auto bytes = address_bytes(host); !bytes.empty()) return bytes == address_bytes(entry);
    while (entry.starts_with('.')) entry.remove_prefix(1);
    while (entry.ends_with('.')) entry.remove_suffix(1);
    if (entry.empty() || host.size() < entry.size() ||
        !iequals(host.substr(host.size() - entry.size()), entry))
        return false;
    return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

bool is_excepted(std::string_view host, std::string_view list) {
    while (host.ends_with('.')) host.remove_suffix(1);
    while (!list.empty()) {
        const auto end = std::min(list.find_first_of(", \t"), list.size());
        if (end > 0 && excepts(list.substr(0, end), host)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}
}

ProxySettings proxies_of_environment() {
    return {.http = variable("http_proxy"),
            .https = variable("https_proxy", "HTTPS_PROXY"),
            .all = variable("all_proxy", "ALL_PROXY"),
            .none = variable("no_proxy", "NO_PROXY")};
}

std::string proxy_for(std::string_view url, const ProxySettings& settings) {
    const auto parts = split_url(url);
    const auto& own = iequals(parts.scheme, "https") ? settings.https : settings.http;
    const auto& proxy = own.empty() ? settings.all : own;
    return proxy.empty() || is_excepted(parts.host, settings.none) ? std::string() : proxy;
}
}
