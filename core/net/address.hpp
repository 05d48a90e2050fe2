#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

struct sockaddr;

// Which addresses a collector may connect to. A feed's address comes from outside, and so does every redirect:
// without this check anybody could have it read the cloud's metadata service or the intranet.
namespace cti::net {

using Ipv6 = std::array<std::uint8_t, 16>;

// Global unicast only, by the IANA special-purpose registries (RFC 6890 and its updates). The IPv4 address inside
// an IPv4-mapped or NAT64 (64:ff9b::/96) one is looked into.
bool is_global_unicast(std::uint32_t ipv4); // host byte order
bool is_global_unicast(const Ipv6& ipv6);
bool is_global_unicast(const sockaddr& address); // other families: false
}
