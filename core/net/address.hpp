#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

// Which addresses a collector may connect to. A feed's address comes from outside, and so does every
// redirect: without this check anybody could have it read the cloud's metadata service or the intranet.
namespace cti::net {

using Ipv6 = std::array<std::uint8_t, 16>;

// The name of the range by the IANA special-purpose registries (RFC 6890 and its updates): "loopback",
// "private", "link-local"; "" for global unicast. The IPv4 address inside an IPv4-mapped or NAT64
// (64:ff9b::/96) one is looked into.
std::string_view special_range(std::uint32_t ipv4); // host byte order
std::string_view special_range(const Ipv6& ipv6);
std::string_view special_range(const sockaddr& address); // other families: "not an Internet address"
// Of an address as text, in any form that a resolver reads without asking anybody: dotted, short, decimal,
// octal and hexadecimal IPv4, IPv6 with or without brackets and zone. nullopt: it is a name.
std::optional<std::string_view> special_range_of_literal(std::string_view host);

// Global unicast only.
bool is_global_unicast(std::uint32_t ipv4);
bool is_global_unicast(const Ipv6& ipv6);
bool is_global_unicast(const sockaddr& address);

std::string address_text(const sockaddr& address); // without port

// A name that never means a host of the open Internet: localhost, .local, .internal, .home.arpa …
// Asked only where a proxy resolves names and the address itself is not seen.
bool is_local_name(std::string_view host);
}
