#pragma once
#include "core/intel/indicator.hpp"

#include <array>
#include <optional>

// IP addresses as text.
namespace cti::intel {

using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint8_t, 16>;

// Four decimal numbers of up to three digits and up to 255; zeros in front do not make them octal.
std::optional<Ipv4> parse_ipv4(std::string_view text);
std::optional<Ipv6> parse_ipv6(std::string_view text); // RFC 4291 section 2.2, with a dotted tail too
std::string to_text(const Ipv4& address);
std::string to_text(const Ipv6& address); // RFC 5952

// By the IANA registries of special-purpose addresses.
Verdict verdict_of(const Ipv4& address);
Verdict verdict_of(const Ipv6& address);
}
