#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <span>

namespace cti {

void append_utf8(std::string& out, char32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = k_replacement_character;
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
        out += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
                static_cast<char>(0x80 | (c & 0x3F))};
    } else {
        out += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
                static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
}

char32_t next_code_point(std::string_view text, std::size_t& pos) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(pos++);
    if (lead < 0x80) return lead;
    int more = 0;
    unsigned char low = 0x80,
                  high = 0xBF; // The second byte's range: it excludes overlong forms and surrogates.
    char32_t code = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        more = 1, code = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        more = 2, code = lead & 0x0FU;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        more = 3, code = lead & 0x07U;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return k_replacement_character;
    }
    for (; more > 0; --more) {
        if (pos >= text.size() || byte(pos) < low || byte(pos) > high) return k_replacement_character;
        code = (code << 6) | (byte(pos++) & 0x3FU);
        low = 0x80, high = 0xBF;
    }
    return code;
}

namespace {
// The first position at or after `pos` with a byte outside 01..7F: eight bytes a step, as most text is
// ASCII.
std::size_t skip_plain(std::string_view text, std::size_t pos) {
    constexpr std::uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
    for (; pos + 8 <= text.size(); pos += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + pos, 8);
        if (((word | (word - ones)) & tops) != 0) break;
    }
    while (pos < text.size() && static_cast<unsigned char>(text[pos]) - 1U < 0x7FU) ++pos;
    return pos;
}

struct Range {
    char32_t first, last;
};
bool in_ranges(char32_t c, std::span<const Range> ranges) {
    const auto it = std::ranges::lower_bound(ranges, c, {}, &Range::last);
    return it != ranges.end() && c >= it->first;
}
// Characters that change the order or hide text on a screen ("Trojan Source", CVE-2021-42574).
bool is_deceptive(char32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F ||
           c == 0x061C || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F) || (c >= 0x200B && c <= 0x200D) ||
           c == 0x2028 || c == 0x2029;
}
}

bool is_valid_utf8(std::string_view text) {
    for (std::size_t pos = skip_plain(text, 0); pos < text.size(); pos = skip_plain(text, pos)) {
        const auto start = pos;
        const char32_t code = next_code_point(text, pos);
        if (code == k_replacement_character && text.substr(start, pos - start) != "\xEF\xBF\xBD")
            return false;
    }
    return true;
}

std::string repair_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t pos = 0; pos < text.size();) {
        const auto plain = skip_plain(text, pos);
        out.append(text, pos, plain - pos);
        if ((pos = plain) >= text.size()) break;
        const char32_t code = next_code_point(text, pos);
        if (code != 0) append_utf8(out, code);
    }
    return out;
}

namespace {
// False: a terminal takes it as it is.
bool append_visible(std::string& out, char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0))
        out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    else if (is_deceptive(c))
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
        return false;
    return true;
}

// as_space: line breaks and tabs become spaces; else the lines and tabs of a document stay.
std::string make_visible(std::string_view text, bool as_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t pos = 0; pos < text.size();) {
        const char32_t c = next_code_point(text, pos);
        const bool ends_line = c == '\n' || (c == '\r' && pos < text.size() && text[pos] == '\n');
        if (as_space && (c == '\n' || c == '\r' || c == '\t'))
            out += ' ';
        else if (ends_line || c == '\t' || !append_visible(out, c))
            append_utf8(out, c);
    }
    return out;
}
}

std::string printable(std::string_view text) { return make_visible(text, true); }
std::string printable_lines(std::string_view text) { return make_visible(text, false); }

bool is_unicode_space(char32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

std::string fold_space(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool pending = false;
    for (std::size_t pos = 0; pos < text.size();) {
        const auto start = pos;
        const char32_t c = next_code_point(text, pos);
        if (is_unicode_space(c)) {
            pending = !out.empty();
            continue;
        }
        if (pending) out += ' ';
        pending = false;
        out.append(text, start, pos - start);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    // Unicode 15: East Asian Width W and F, and emoji presentation; then combining and zero-width characters.
    static constexpr std::array<Range, 30> wide{
        {{0x1100, 0x115F}, {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x25FD, 0x25FE},   {0x2614, 0x2615},
         {0x2648, 0x2653}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5},   {0x2705, 0x2705},
         {0x270A, 0x270B}, {0x2728, 0x2728}, {0x274C, 0x274E}, {0x2753, 0x2757},   {0x2795, 0x2797},
         {0x2B1B, 0x2B1C}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
         {0xA000, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
         {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}}};
    static constexpr std::array<Range, 22> zero{
        {{0x0300, 0x036F}, {0x0483, 0x0489},  {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
         {0x06D6, 0x06DC}, {0x0900, 0x0902},  {0x093C, 0x093C}, {0x0941, 0x0948}, {0x0E31, 0x0E31},
         {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},  {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
         {0x202A, 0x202E}, {0x2060, 0x2064},  {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
         {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}}};
    std::size_t cells = 0;
    for (std::size_t pos = 0; pos < text.size();) {
        const char32_t c = next_code_point(text, pos);
        if (c < 0x300) {
            ++cells;
        } else if (!in_ranges(c, zero)) {
            cells += in_ranges(c, wide) ? 2 : 1;
        }
    }
    return cells;
}

std::string cut_to_width(std::string_view text, std::size_t cells) {
    if (display_width(text) <= cells) return std::string(text);
    if (cells == 0) return {};
    std::size_t used = 0, end = 0;
    for (std::size_t pos = 0; pos < text.size(); end = pos) {
        const auto start = pos;
        next_code_point(text, pos);
        used += display_width(text.substr(start, pos - start));
        if (used > cells - 1) break;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string_view head_code_points(std::string_view text, std::size_t count) {
    std::size_t pos = 0;
    while (count-- > 0 && pos < text.size()) next_code_point(text, pos);
    return text.substr(0, pos);
}

std::size_t count_code_points(std::string_view text) {
    constexpr std::size_t k_block = 128; // what a counter of one byte holds; compilers make vectors of them
    std::size_t count = 0;
    for (std::size_t pos = 0; pos < text.size(); pos += k_block) {
        unsigned char in_block = 0;
        for (const char c : text.substr(pos, k_block))
            in_block += static_cast<unsigned char>((static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0);
        count += in_block;
    }
    return count;
}

std::string ascii_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = ascii_lower(c);
    return out;
}

bool is_plain_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '.' || c == '_' || c == '-';
    });
}

bool iequals(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

bool istarts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min(
                {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1U : 0U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.size() > 100) return {};
    std::string best;
    std::size_t best_distance = word.size() <= 3 ? 2 : 3; // One more than what is still near.
    for (const auto& candidate : candidates) {
        if (candidate.size() > 100) continue;
        const auto distance = edit_distance(ascii_lower(word), ascii_lower(candidate));
        if (distance < best_distance) best_distance = distance, best = candidate;
    }
    return best;
}
}
