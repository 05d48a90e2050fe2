#include "core/net/gate.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <idn2.h>

namespace cti::net {
namespace {
Refusal bad_url(const std::string& why) { return {Failure::bad_url, "refused the address: " + why, why}; }
Refusal bad_address(std::string_view host, std::string_view why) {
    return {Failure::refused_address, fmt::format("refused to connect to {}: {}", printable(host), why),
            std::string(why)};
}
}

std::string wire_host(std::string_view host) {
    if (std::ranges::all_of(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return std::string(host);
    char* ascii = nullptr;
    const std::string copy(host);                                                          // With its end.
    const int result = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(copy.c_str()), // NOLINT
                                      reinterpret_cast<std::uint8_t**>(&ascii),            // NOLINT
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (result != IDN2_OK) return std::string(host);
    std::string out(ascii);
    idn2_free(ascii);
    return out;
}

bool is_usual_port(int port) {
    constexpr int ports[] = {80, 443, 8000, 8008, 8080, 8081, 8088, 8443, 8888};
    return std::ranges::find(ports, port) != std::end(ports);
}

int port_of(std::string_view url) {
    const auto parts = split_url(url);
    if (parts.port.empty()) return iequals(parts.scheme, "https") ? 443 : 80;
    if (parts.port.size() > 5 || !std::ranges::all_of(parts.port, is_ascii_digit)) return 0;
    return std::stoi(std::string(parts.port));
}

Refusal find_refusal(std::string_view url, bool allow_private, bool by_proxy) {
    if (const auto reason = url_refusal(url); !reason.empty()) {
        return bad_url(std::string(reason));
    }
    if (allow_private) return {};
    const auto host = wire_host(split_url(url).host);
    if (const auto range = special_range_of_literal(host); range && !range->empty()) {
        return bad_address(host, *range);
    }
    if (by_proxy && is_local_name(host)) {
        return bad_address(host, "a local name");
    }
    if (const int port = port_of(url); !is_usual_port(port)) {
        return bad_url(fmt::format("port {} is not one of web servers", port));
    }
    return {};
}

std::string wire_url(std::string_view url) {
    url = url.substr(0, url.find('#'));
    const auto parts = split_url(url);
    if (!parts.has_authority) return std::string(url);
    const auto head = static_cast<std::size_t>(parts.path.data() - url.data());
    const auto before_host = static_cast<std::size_t>(parts.host.data() - url.data());
    const auto after_host = before_host + parts.host.size();
    return std::string(url.substr(0, before_host)) + wire_host(parts.host) +
           std::string(url.substr(after_host, head - after_host)) + encode_high_bytes(url.substr(head));
}

std::string redirect_target(std::string_view from, std::string_view location) {
    return wire_url(resolve_url(from, location));
}

std::string_view downgrade_refusal(std::string_view from, std::string_view to) {
    return istarts_with(from, "https:") && !istarts_with(to, "https:") ? "it leads from https to http" : "";
}

std::string host_of(std::string_view url) {
    auto host = ascii_lower(wire_host(split_url(url).host));
    while (host.ends_with('.')) host.pop_back();
    return host;
}

std::string origin_of(std::string_view url) {
    const auto parts = split_url(url);
    const bool secure = iequals(parts.scheme, "https");
    const int port = port_of(url);
    auto origin = fmt::format("{}://{}", secure ? "https" : "http", host_of(url));
    return port == (secure ? 443 : 80) ? origin : fmt::format("{}:{}", origin, port);
}
}
