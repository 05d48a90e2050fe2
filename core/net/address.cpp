#include "core/net/address.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace cti::net {
namespace {
struct Block4 {
    std::uint32_t network;
    int bits;
    std::string_view name;
};
constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24 | b << 16 | c << 8 | d;
}
constexpr Block4 k_special4[] = {
    {ip(0, 0, 0, 0), 8, "\"this network\""},
    {ip(10, 0, 0, 0), 8, "private"},
    {ip(100, 64, 0, 0), 10, "carrier-grade NAT"},
    {ip(127, 0, 0, 0), 8, "loopback"},
    {ip(169, 254, 0, 0), 16, "link-local"}, // the clouds' metadata services
    {ip(172, 16, 0, 0), 12, "private"},
    {ip(192, 0, 0, 0), 24, "protocol assignments"},
    {ip(192, 0, 2, 0), 24, "documentation"},
    {ip(192, 88, 99, 0), 24, "6to4 relay"},
    {ip(192, 168, 0, 0), 16, "private"},
    {ip(198, 18, 0, 0), 15, "benchmarks"},
    {ip(198, 51, 100, 0), 24, "documentation"},
    {ip(203, 0, 113, 0), 24, "documentation"},
    {ip(224, 0, 0, 0), 4, "multicast"},
    {ip(255, 255, 255, 255), 32, "broadcast"},
    {ip(240, 0, 0, 0), 4, "reserved"},
};

struct Block6 {
    Ipv6 network;
    int bits;
    std::string_view name;
};
constexpr Block6 k_special6[] = {
    {{}, 128, "unspecified"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback"},
    {{}, 64, "reserved"}, // IPv4-compatible and what else begins with zeros
    {{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48, "local NAT64"},
    {{0x01, 0x00}, 64, "discard"},
    {{0x20, 0x01, 0x00, 0x00}, 32, "Teredo"},
    {{0x20, 0x01, 0x00, 0x00}, 23, "protocol assignments"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x20, 0x02}, 16, "6to4"},
    {{0x3f, 0xff, 0x00, 0x00}, 20, "documentation"},
    {{0x5f, 0x00}, 16, "segment routing"},
    {{0xfc, 0x00}, 7, "private"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfe, 0xc0}, 10, "site-local"}, // long dead
    {{0xff, 0x00}, 8, "multicast"},
};

bool in_block(const Ipv6& address, const Block6& block) {
    const auto whole = static_cast<std::size_t>(block.bits / 8);
    if (!std::equal(address.begin(), address.begin() + whole, block.network.begin())) return false;
    const int rest = block.bits % 8;
    return rest == 0 || (address[whole] ^ block.network[whole]) >> (8 - rest) == 0;
}

std::uint32_t inner_ipv4(const Ipv6& a) { return ip(a[12], a[13], a[14], a[15]); }

bool starts_with(const Ipv6& address, std::initializer_list<std::uint8_t> head) {
    return std::equal(head.begin(), head.end(), address.begin());
}
}

std::string_view special_range(std::uint32_t ipv4) {
    const auto* block = std::ranges::find_if(
        k_special4, [&](const Block4& b) { return (ipv4 ^ b.network) >> (32 - b.bits) == 0; });
    return block == std::end(k_special4) ? std::string_view() : block->name;
}

std::string_view special_range(const Ipv6& ipv6) {
    const bool mapped = starts_with(ipv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
    const bool nat64 = starts_with(ipv6, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});
    if (mapped || nat64) return special_range(inner_ipv4(ipv6));
    const auto* block =
        std::ranges::find_if(k_special6, [&](const Block6& candidate) { return in_block(ipv6, candidate); });
    return block == std::end(k_special6) ? std::string_view() : block->name;
}

std::string_view special_range(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return special_range(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        Ipv6 bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return special_range(bytes);
    }
    return "not an Internet address";
}

std::optional<std::string_view> special_range_of_literal(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    while (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.find('\0') != std::string_view::npos) return std::nullopt;
    // inet_aton reads "127.0.0.1 x", too.
    if (std::ranges::any_of(host, is_ascii_space)) return std::nullopt;
    if (in_addr v4{}; inet_aton(std::string(host).c_str(), &v4) == 1) return special_range(ntohl(v4.s_addr));
    const std::string without_zone(host.substr(0, host.find('%')));
    if (Ipv6 v6{}; inet_pton(AF_INET6, without_zone.c_str(), v6.data()) == 1) return special_range(v6);
    return std::nullopt;
}

bool is_global_unicast(std::uint32_t ipv4) { return special_range(ipv4).empty(); }
bool is_global_unicast(const Ipv6& ipv6) { return special_range(ipv6).empty(); }
bool is_global_unicast(const sockaddr& address) { return special_range(address).empty(); }

std::string address_text(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    return text.data();
}

bool is_local_name(std::string_view host) {
    while (host.ends_with('.')) host.remove_suffix(1);
    const auto name = ascii_lower(host);
    constexpr std::string_view domains[] = {"localhost", "localdomain", "local",     "internal",
                                            "home.arpa", "intranet",    "lan",       "corp",
                                            "home",      "test",        "localhost6"};
    if (name == "ip6-localhost" || name == "ip6-loopback") return true;
    return std::ranges::any_of(domains, [&](std::string_view domain) {
        if (!name.ends_with(domain)) return false;
        return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
    });
}
}
