#include "core/net/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace cti::net {
namespace {
struct Block4 {
    std::uint32_t network;
    int bits;
};
constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) { return a << 24 | b << 16 | c << 8 | d; }
constexpr Block4 k_special4[] = {
    {ip(0, 0, 0, 0), 8},        // "this network"
    {ip(10, 0, 0, 0), 8},       // private
    {ip(100, 64, 0, 0), 10},    // carrier-grade NAT
    {ip(127, 0, 0, 0), 8},      // loopback
    {ip(169, 254, 0, 0), 16},   // link-local, the clouds' metadata services
    {ip(172, 16, 0, 0), 12},    // private
    {ip(192, 0, 0, 0), 24},     // protocol assignments
    {ip(192, 0, 2, 0), 24},     // documentation
    {ip(192, 88, 99, 0), 24},   // 6to4 relays
    {ip(192, 168, 0, 0), 16},   // private
    {ip(198, 18, 0, 0), 15},    // benchmarks
    {ip(198, 51, 100, 0), 24},  // documentation
    {ip(203, 0, 113, 0), 24},   // documentation
    {ip(224, 0, 0, 0), 4},      // multicast
    {ip(240, 0, 0, 0), 4},      // reserved, broadcast
};

struct Block6 {
    Ipv6 network;
    int bits;
};
constexpr Block6 k_special6[] = {
    {{0x01, 0x00}, 64},             // discard (100::/64)
    {{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    {{0x20, 0x02}, 16},             // 6to4
    {{0x3f, 0xff, 0x00, 0x00}, 20}, // documentation
    {{0x5f, 0x00}, 16},             // segment routing
    {{0xfc, 0x00}, 7},              // unique local
    {{0xfe, 0x80}, 10},             // link-local
    {{0xfe, 0xc0}, 10},             // site-local, long dead
    {{0xff, 0x00}, 8},              // multicast
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

bool is_global_unicast(std::uint32_t ipv4) {
    return std::ranges::none_of(k_special4, [&](const Block4& block) { return (ipv4 ^ block.network) >> (32 - block.bits) == 0; });
}

bool is_global_unicast(const Ipv6& a) {
    if (starts_with(a, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return is_global_unicast(inner_ipv4(a)); // IPv4-mapped
    if (starts_with(a, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return is_global_unicast(inner_ipv4(a)); // NAT64
    if (starts_with(a, {0, 0, 0, 0, 0, 0, 0, 0})) return false; // ::, ::1, IPv4-compatible
    if (starts_with(a, {0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01})) return false; // local-use NAT64
    return std::ranges::none_of(k_special6, [&](const Block6& block) { return in_block(a, block); });
}

bool is_global_unicast(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return is_global_unicast(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        Ipv6 bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return is_global_unicast(bytes);
    }
    return false;
}
}
