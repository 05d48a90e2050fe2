#include "core/intel/families/ip.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace cti::intel {
namespace {
struct Range4 {
    std::uint32_t first, last;
    Verdict verdict;
};
constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}
constexpr Range4 k_ranges4[] = {
    {ip(0, 0, 0, 0), ip(0, 255, 255, 255), Verdict::reserved},
    {ip(10, 0, 0, 0), ip(10, 255, 255, 255), Verdict::private_range},
    {ip(100, 64, 0, 0), ip(100, 127, 255, 255), Verdict::private_range}, // carrier-grade NAT
    {ip(127, 0, 0, 0), ip(127, 255, 255, 255), Verdict::loopback},
    {ip(169, 254, 0, 0), ip(169, 254, 255, 255), Verdict::link_local},
    {ip(172, 16, 0, 0), ip(172, 31, 255, 255), Verdict::private_range},
    {ip(192, 0, 0, 0), ip(192, 0, 0, 255), Verdict::reserved},
    {ip(192, 0, 2, 0), ip(192, 0, 2, 255), Verdict::documentation},
    {ip(192, 168, 0, 0), ip(192, 168, 255, 255), Verdict::private_range},
    {ip(198, 18, 0, 0), ip(198, 19, 255, 255), Verdict::reserved},
    {ip(198, 51, 100, 0), ip(198, 51, 100, 255), Verdict::documentation},
    {ip(203, 0, 113, 0), ip(203, 0, 113, 255), Verdict::documentation},
    {ip(224, 0, 0, 0), ip(239, 255, 255, 255), Verdict::multicast},
    {ip(240, 0, 0, 0), ip(255, 255, 255, 255), Verdict::reserved},
};

struct Prefix6 {
    std::array<std::uint8_t, 4> bytes;
    int bits;
    Verdict verdict;
};
constexpr Prefix6 k_prefixes6[] = {
    {{0x20, 0x01, 0x0d, 0xb8}, 32, Verdict::documentation},
    {{0x3f, 0xff, 0, 0}, 20, Verdict::documentation},
    {{0xfc, 0, 0, 0}, 7, Verdict::private_range},
    {{0xfe, 0x80, 0, 0}, 10, Verdict::link_local},
    {{0xff, 0, 0, 0}, 8, Verdict::multicast},
};

bool has_prefix(const Ipv6& address, const Prefix6& prefix) {
    for (int bit = 0; bit < prefix.bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        if (((address[byte] ^ prefix.bytes[byte]) & (0x80 >> (bit % 8))) != 0) return false;
    }
    return true;
}
}

std::optional<Ipv4> parse_ipv4(std::string_view text) {
    Ipv4 out{};
    std::size_t pos = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i > 0 && (pos >= text.size() || text[pos++] != '.')) return std::nullopt;
        unsigned number = 0, digits = 0;
        for (; pos < text.size() && is_ascii_digit(text[pos]) && digits < 4; ++pos, ++digits)
            number = number * 10 + static_cast<unsigned>(text[pos] - '0');
        if (digits == 0 || digits > 3 || number > 255) return std::nullopt;
        out[i] = static_cast<std::uint8_t>(number);
    }
    if (pos != text.size()) return std::nullopt;
    return out;
}

std::optional<Ipv6> parse_ipv6(std::string_view text) {
    char copy[INET6_ADDRSTRLEN];
    if (text.size() >= sizeof copy) return std::nullopt;
    copy[text.copy(copy, sizeof copy - 1)] = '\0';
    Ipv6 out{};
    if (inet_pton(AF_INET6, copy, out.data()) != 1) return std::nullopt;
    return out;
}

std::string to_text(const Ipv4& address) {
    std::string out;
    for (const auto byte : address) out += std::to_string(byte) + '.';
    out.pop_back();
    return out;
}

std::string to_text(const Ipv6& address) {
    char buffer[INET6_ADDRSTRLEN];
    return inet_ntop(AF_INET6, address.data(), buffer, sizeof buffer);
}

Verdict verdict_of(const Ipv4& address) {
    const auto number = ip(address[0], address[1], address[2], address[3]);
    const auto* found = std::ranges::find_if(
        k_ranges4, [&](const Range4& range) { return number >= range.first && number <= range.last; });
    return found == std::end(k_ranges4) ? Verdict::none : found->verdict;
}

Verdict verdict_of(const Ipv6& address) {
    const bool only_tail =
        std::ranges::all_of(address.begin(), address.end() - 1, [](auto byte) { return byte == 0; });
    if (only_tail) return address.back() == 1 ? Verdict::loopback : Verdict::reserved;
    const auto* found =
        std::ranges::find_if(k_prefixes6, [&](const Prefix6& prefix) { return has_prefix(address, prefix); });
    return found == std::end(k_prefixes6) ? Verdict::none : found->verdict;
}
}
