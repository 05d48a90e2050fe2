#pragma once
#include <algorithm>
#include <iterator>

namespace cti::search {

// Beyond ASCII, what words end at, of the index as of a query: the white space, punctuation and symbols of
// Unicode's blocks for Latin, general, CJK and full-width marks, and those of a few scripts. Letters, digits
// and marks of all scripts are parts of words, and so are the joiners, which stand inside words of Persian
// and of Indian scripts.
struct Separators {
    char32_t first, last;
};
constexpr Separators k_separators[] = {
    {0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},
    {0xF7, 0xF7},     {0x37E, 0x37E},   {0x387, 0x387},   {0x589, 0x58A},   {0x5BE, 0x5BE},
    {0x60C, 0x60D},   {0x61B, 0x61B},   {0x61E, 0x61F},   {0x6D4, 0x6D4},   {0x964, 0x965},
    {0x1680, 0x1680}, {0x2000, 0x200B}, {0x200E, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x2BFF},
    {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030}, {0xFE30, 0xFE6F}, {0xFEFF, 0xFF0F},
    {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF},
};

constexpr bool is_separator(char32_t c) {
    const auto* const it = std::ranges::lower_bound(k_separators, c, {}, &Separators::last);
    return it != std::end(k_separators) && c >= it->first;
}
}
