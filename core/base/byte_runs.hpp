#pragma once
#include <cstddef>
#include <string_view>

// Scanners over runs of bytes. A block is looked at as a whole, in a loop without a branch, which compilers
// turn into vector instructions: about one instruction a byte, where a loop that may stop at each costs five.
namespace cti {

constexpr std::size_t k_block_bytes = 32;

// The first place from `pos` on whose byte `is_wanted(unsigned char)`, or the end.
template <class Predicate>
std::size_t find_byte(std::string_view text, std::size_t pos, Predicate is_wanted) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (pos < text.size() && is_wanted(bytes[pos])) return pos;
    for (; pos + k_block_bytes <= text.size(); pos += k_block_bytes) {
        unsigned char any = 0;
        for (std::size_t i = 0; i < k_block_bytes; ++i)
            any |= static_cast<unsigned char>(is_wanted(bytes[pos + i]) ? 1 : 0);
        if (any != 0) break;
    }
    while (pos < text.size() && !is_wanted(bytes[pos])) ++pos;
    return pos;
}

// The end of the bytes from `pos` on that are plain, or single spaces between two plain ones. text[pos] is
// plain, and so is the byte before the end.
template <class Predicate>
std::size_t skip_words(std::string_view text, std::size_t pos, Predicate is_plain) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    const auto fits = [&](std::size_t at) {
        return static_cast<bool>(is_plain(bytes[at]) | ((bytes[at] == ' ') & is_plain(bytes[at + 1])));
    };
    for (; pos + k_block_bytes < text.size(); pos += k_block_bytes) {
        unsigned char any = 0;
        for (std::size_t i = 0; i < k_block_bytes; ++i)
            any |= static_cast<unsigned char>(fits(pos + i) ? 0 : 1);
        if (any != 0) break;
    }
    while (pos + 1 < text.size() && fits(pos)) ++pos;
    return pos + 1 == text.size() && is_plain(bytes[pos]) ? pos + 1 : pos;
}
}
