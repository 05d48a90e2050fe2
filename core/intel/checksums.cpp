#include "core/intel/checksums.hpp"

#include "core/base/hash.hpp"
#include "core/base/hex.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <vector>

namespace cti::intel {
namespace {
constexpr std::string_view k_base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view k_base32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view k_bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

std::uint64_t rotate(std::uint64_t x, unsigned bits) { return bits == 0 ? x : x << bits | x >> (64 - bits); }

// Keccak-f[1600] (FIPS 202, section 3.3).
void permute(std::array<std::uint64_t, 25>& a) {
    constexpr std::array<std::uint64_t, 24> constants{
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
        0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
        0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
        0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
    constexpr std::array<unsigned, 25> shifts{0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                              25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
    for (const auto constant : constants) {
        std::array<std::uint64_t, 5> c{}, d{};
        for (std::size_t x = 0; x < 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (std::size_t x = 0; x < 5; ++x) d[x] = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
        std::array<std::uint64_t, 25> b{};
        for (std::size_t x = 0; x < 5; ++x)
            for (std::size_t y = 0; y < 5; ++y)
                b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[x + 5 * y] ^ d[x], shifts[x + 5 * y]);
        for (std::size_t x = 0; x < 5; ++x)
            for (std::size_t y = 0; y < 5; ++y)
                a[x + 5 * y] = b[x + 5 * y] ^ (~b[(x + 1) % 5 + 5 * y] & b[(x + 2) % 5 + 5 * y]);
        a[0] ^= constant;
    }
}

// Big-endian bytes of a number in base 58, `size` of them; nothing where it does not fit.
std::optional<std::string> decode_base58(std::string_view text, std::size_t size) {
    std::string out(size, '\0');
    for (const char c : text) {
        auto carry = k_base58.find(c);
        if (carry == k_base58.npos) return std::nullopt;
        for (auto i = size; i-- > 0;) {
            carry += static_cast<unsigned char>(out[i]) * std::size_t{58};
            out[i] = static_cast<char>(carry & 0xFFU);
            carry >>= 8U;
        }
        if (carry != 0) return std::nullopt;
    }
    return out;
}
}

std::array<std::uint8_t, 32> keccak256(std::string_view bytes, std::uint8_t padding) {
    constexpr std::size_t rate = 136;
    std::array<std::uint64_t, 25> state{};
    const auto add = [&](std::size_t i, std::uint8_t byte) {
        state[i / 8] ^= std::uint64_t{byte} << (8 * (i % 8));
    };
    std::size_t i = 0;
    for (const char c : bytes) {
        add(i++, static_cast<std::uint8_t>(c));
        if (i == rate) permute(state), i = 0;
    }
    add(i, padding);
    add(rate - 1, 0x80);
    permute(state);
    std::array<std::uint8_t, 32> out{};
    for (std::size_t k = 0; k < out.size(); ++k)
        out[k] = static_cast<std::uint8_t>(state[k / 8] >> (8 * (k % 8)));
    return out;
}

// rend-spec-v3, section 6: base 32 of the key, a checksum of 2 bytes, and the version.
bool is_onion_v3(std::string_view label) {
    if (label.size() != 56) return false;
    std::string bytes;
    unsigned bits = 0, held = 0;
    for (const char c : label) {
        const auto value = k_base32.find(ascii_lower(c));
        if (value == k_base32.npos) return false;
        bits = (bits << 5U | static_cast<unsigned>(value)) & 0xFFFU, held += 5;
        if (held >= 8) bytes += static_cast<char>(bits >> (held -= 8));
    }
    if (bytes[34] != 3) return false;
    const auto sum = keccak256(".onion checksum" + bytes.substr(0, 32) + "\x03", 0x06);
    return sum[0] == static_cast<std::uint8_t>(bytes[32]) && sum[1] == static_cast<std::uint8_t>(bytes[33]);
}

bool is_bitcoin_base58(std::string_view address) {
    if (address.size() < 26 || address.size() > 35 || (address[0] != '1' && address[0] != '3')) return false;
    const auto bytes = decode_base58(address, 25);
    if (!bytes || ((*bytes)[0] != 0 && (*bytes)[0] != 5)) return false;
    return from_hex(sha256_hex(from_hex(sha256_hex(bytes->substr(0, 21))))).substr(0, 4) == bytes->substr(21);
}

// BIP 173 and 350.
bool is_bech32(std::string_view address) {
    const auto lower = ascii_lower(address);
    if (lower != address && std::ranges::any_of(address, [](char c) { return c >= 'a' && c <= 'z'; }))
        return false;
    const auto separator = lower.rfind('1');
    if (separator == lower.npos || separator == 0 || lower.size() > 90 || lower.size() - separator < 7)
        return false;
    std::uint32_t sum = 1;
    const auto feed = [&](std::uint32_t value) {
        constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                         0x2a1462b3};
        const auto top = sum >> 25U;
        sum = (sum & 0x1ffffffU) << 5U ^ value;
        for (unsigned i = 0; i < generator.size(); ++i)
            if ((top >> i & 1U) != 0) sum ^= generator[i];
    };
    for (std::size_t i = 0; i < separator; ++i) feed(static_cast<std::uint32_t>(lower[i]) >> 5U);
    feed(0);
    for (std::size_t i = 0; i < separator; ++i) feed(static_cast<std::uint32_t>(lower[i]) & 31U);
    for (const char c : lower.substr(separator + 1)) {
        const auto value = k_bech32.find(c);
        if (value == k_bech32.npos) return false;
        feed(static_cast<std::uint32_t>(value));
    }
    return sum == 1 || sum == 0x2bc830a3;
}

bool is_ethereum(std::string_view digits) {
    const auto lower = ascii_lower(digits);
    auto upper = lower;
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    if (lower == digits || upper == digits) return true;
    const auto hash = keccak256(lower, 0x01);
    for (std::size_t i = 0; i < lower.size(); ++i) {
        const auto nibble = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 15U;
        if (digits[i] != (nibble >= 8 ? upper[i] : lower[i])) return false;
    }
    return true;
}

// Blocks of 11 characters for 8 bytes, the last of 7 for 5; network, two keys, 4 bytes of Keccak.
bool is_monero(std::string_view address) {
    if (address.size() != 95 || (address[0] != '4' && address[0] != '8')) return false;
    std::string bytes;
    for (std::size_t i = 0; i < address.size(); i += 11) {
        const auto block = decode_base58(address.substr(i, 11), i + 11 <= address.size() ? 8 : 5);
        if (!block) return false;
        bytes += *block;
    }
    const auto sum = keccak256(std::string_view(bytes).substr(0, 65), 0x01);
    return std::equal(sum.begin(), sum.begin() + 4, bytes.begin() + 65,
                      [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}
}
