#include "core/base/hex.hpp"

#include <array>

namespace cti {
namespace {
constexpr auto k_values = [] {
    std::array<unsigned char, 256> values{};
    for (unsigned char c = '0'; c <= '9'; ++c) values[c] = static_cast<unsigned char>(c - '0');
    for (unsigned char c = 'a'; c <= 'f'; ++c) values[c] = static_cast<unsigned char>(c - 'a' + 10);
    for (unsigned char c = 'A'; c <= 'F'; ++c) values[c] = static_cast<unsigned char>(c - 'A' + 10);
    return values;
}();
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex(bytes.size() * 2, '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        hex[2 * i] = digits[byte >> 4];
        hex[2 * i + 1] = digits[byte & 0x0F];
    }
    return hex;
}

std::string from_hex(std::string_view digits) {
    std::string bytes(digits.size() / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(k_values[static_cast<unsigned char>(digits[2 * i])] << 4 |
                                     k_values[static_cast<unsigned char>(digits[2 * i + 1])]);
    return bytes;
}
}
