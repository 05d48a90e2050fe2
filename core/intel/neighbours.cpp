#include "core/intel/neighbours.hpp"

#include "core/intel/python_text.hpp"

#include <algorithm>
#include <iterator>

namespace cti::intel {
namespace {
struct Entry {
    char32_t first, last;
    std::uint8_t roles;
    std::uint8_t kind = 0; // of quotes and brackets that close each other
};
enum Kind : std::uint8_t {
    k_double = 1, // “ ” „ ‟: which of them closes differs from language to language
    k_single,
    k_guillemet,
    k_narrow_guillemet,
    k_corner,
    k_white_corner,
    k_angle,
    k_double_angle,
    k_lens, // 【】
    k_ascii_double,
    k_ascii_single,
    k_backtick,
};
// Sorted: it is searched by halves.
constexpr Entry k_table[] = {
    {'"', '"', k_quote, k_ascii_double},
    {'\'', '\'', k_quote, k_ascii_single},
    {'`', '`', k_quote, k_backtick},
    {0xA0, 0xA0, k_blank},
    {0xA1, 0xA1, k_stop}, // ¡
    {0xAB, 0xAB, k_quote, k_guillemet},
    {0xAD, 0xAD, k_invisible},
    {0xB2, 0xB3, k_stop},            // raised digits, of footnotes
    {0xB4, 0xB4, k_quote, k_single}, // an acute accent
    {0xB6, 0xB7, k_stop},
    {0xB9, 0xB9, k_stop},
    {0xBB, 0xBB, k_quote, k_guillemet},
    {0xBF, 0xBF, k_stop}, // ¿
    {0x2D7, 0x2D7, k_hyphen},
    {0x34F, 0x34F, k_invisible},
    {0x37E, 0x37E, k_stop}, // the Greek question mark
    {0x55D, 0x55D, k_stop},
    {0x589, 0x589, k_stop}, // Armenian
    {0x58A, 0x58A, k_hyphen},
    {0x5BE, 0x5BE, k_hyphen},
    {0x60C, 0x60C, k_stop}, // Arabic
    {0x61B, 0x61B, k_stop},
    {0x61C, 0x61C, k_invisible},
    {0x61E, 0x61F, k_stop},
    {0x6D4, 0x6D4, k_stop},
    {0x964, 0x965, k_stop}, // Devanagari
    {0x1680, 0x1680, k_blank},
    {0x1806, 0x1806, k_hyphen},
    {0x180B, 0x180E, k_invisible},
    {0x2000, 0x200A, k_blank},
    {0x200B, 0x200F, k_invisible},
    {0x2010, 0x2015, k_hyphen},
    {0x2016, 0x2017, k_stop},
    {0x2018, 0x201B, k_quote, k_single},
    {0x201C, 0x201F, k_quote, k_double},
    {0x2020, 0x2023, k_stop},
    {0x2025, 0x2027, k_stop}, // the ellipsis among them
    {0x2028, 0x2029, k_blank},
    {0x202A, 0x202E, k_invisible},
    {0x202F, 0x202F, k_blank},
    {0x2030, 0x2031, k_stop},
    {0x2032, 0x2032, k_quote, k_single}, // primes
    {0x2033, 0x2033, k_quote, k_double},
    {0x2034, 0x2034, k_stop},
    {0x2035, 0x2035, k_quote, k_single},
    {0x2036, 0x2036, k_quote, k_double},
    {0x2037, 0x2038, k_stop},
    {0x2039, 0x203A, k_quote, k_narrow_guillemet},
    {0x203B, 0x203E, k_stop},
    {0x2042, 0x2042, k_stop},
    {0x2043, 0x2043, k_hyphen},
    {0x2044, 0x2049, k_stop},
    {0x205F, 0x205F, k_blank},
    {0x2060, 0x2064, k_invisible},
    {0x2066, 0x206F, k_invisible},
    {0x2070, 0x2079, k_stop}, // raised digits
    {0x2190, 0x21FF, k_stop}, // arrows
    {0x2212, 0x2212, k_hyphen},
    {0x2219, 0x2219, k_stop},
    {0x22EF, 0x22EF, k_stop},
    {0x2500, 0x25FF, k_stop}, // lines of tables, bullets
    {0x2605, 0x2606, k_stop},
    {0x2713, 0x2718, k_stop},
    {0x275B, 0x275C, k_quote, k_single},
    {0x275D, 0x275E, k_quote, k_double},
    {0x276E, 0x276F, k_quote, k_narrow_guillemet},
    {0x2794, 0x27BF, k_stop},
    {0x27E8, 0x27E9, k_quote, k_angle},
    {0x27EA, 0x27EB, k_quote, k_double_angle},
    {0x27F5, 0x27FF, k_stop},
    {0x2900, 0x297F, k_stop},
    {0x2E3A, 0x2E3B, k_hyphen},
    {0x2E42, 0x2E42, k_quote, k_double},
    {0x3000, 0x3000, k_blank},
    {0x3001, 0x3003, k_stop},
    {0x3008, 0x3009, k_quote, k_angle},
    {0x300A, 0x300B, k_quote, k_double_angle},
    {0x300C, 0x300D, k_quote, k_corner},
    {0x300E, 0x300F, k_quote, k_white_corner},
    {0x3010, 0x3011, k_quote, k_lens},
    {0x3014, 0x301B, k_bracket},
    {0x301C, 0x301C, k_hyphen},
    {0x301D, 0x301F, k_quote, k_double},
    {0x30FB, 0x30FB, k_stop},
    {0xFE00, 0xFE0F, k_invisible},
    {0xFE10, 0xFE16, k_stop},
    {0xFE17, 0xFE18, k_bracket},
    {0xFE19, 0xFE19, k_stop},
    {0xFE30, 0xFE30, k_stop},
    {0xFE31, 0xFE32, k_hyphen},
    {0xFE35, 0xFE40, k_bracket},
    {0xFE41, 0xFE42, k_quote, k_corner},
    {0xFE43, 0xFE44, k_quote, k_white_corner},
    {0xFE45, 0xFE46, k_stop},
    {0xFE47, 0xFE48, k_bracket},
    {0xFE50, 0xFE57, k_stop},
    {0xFE58, 0xFE58, k_hyphen},
    {0xFE59, 0xFE5E, k_bracket},
    {0xFE63, 0xFE63, k_hyphen},
    {0xFEFF, 0xFEFF, k_invisible},
    {0xFF01, 0xFF01, k_stop},
    {0xFF02, 0xFF02, k_quote, k_double},
    {0xFF07, 0xFF07, k_quote, k_single},
    {0xFF08, 0xFF09, k_bracket},
    {0xFF0C, 0xFF0C, k_stop},
    {0xFF0D, 0xFF0D, k_hyphen},
    {0xFF0E, 0xFF0F, k_stop},
    {0xFF1A, 0xFF1B, k_stop},
    {0xFF1C, 0xFF1C, k_bracket},
    {0xFF1D, 0xFF1D, k_stop},
    {0xFF1E, 0xFF1E, k_bracket},
    {0xFF1F, 0xFF1F, k_stop},
    {0xFF3B, 0xFF3B, k_bracket},
    {0xFF3D, 0xFF3D, k_bracket},
    {0xFF40, 0xFF40, k_quote, k_single},
    {0xFF5B, 0xFF5B, k_bracket},
    {0xFF5C, 0xFF5C, k_stop},
    {0xFF5D, 0xFF5D, k_bracket},
    {0xFF5E, 0xFF5E, k_hyphen},
    {0xFF5F, 0xFF60, k_bracket},
    {0xFF61, 0xFF61, k_stop},
    {0xFF62, 0xFF63, k_quote, k_corner},
    {0xFF64, 0xFF65, k_stop},
};
static_assert(std::ranges::is_sorted(k_table, {}, &Entry::first));

const Entry* find_entry(char32_t c) {
    const auto* found = std::ranges::lower_bound(k_table, c, {}, &Entry::last);
    return found == std::end(k_table) || c < found->first ? nullptr : found;
}

bool is_joined(char32_t c) {
    return c != 0 && is_word_character(c) && !is_blankless(c) && !is_raised_digit(c);
}

// "O'Brien", "don’t"
bool is_apostrophe(std::string_view text, std::size_t pos, std::size_t size, unsigned kind) {
    return (kind == k_single || kind == k_ascii_single) && is_word_before(text, pos) &&
           is_word_at(text, pos + size);
}

std::size_t size_at(std::string_view text, std::size_t pos) {
    auto next = pos;
    next_code_point(text, next);
    return next - pos;
}

// Quotes of ASCII have no direction: one after a blank and before a word opens something within.
bool opens_within(std::string_view text, std::size_t pos) {
    const char left = before(text, pos), right = at(text, pos + 1);
    return (is(left, k_space) || left == '=' || left == '(' || left == ',' || left == ':') && right > ' ' &&
           std::string_view(").,;:!?").find(right) == std::string_view::npos;
}
}

unsigned roles_of(char32_t c) {
    const auto* entry = find_entry(c);
    return entry == nullptr ? 0 : entry->roles;
}

unsigned quote_kind(char32_t c) {
    const auto* entry = find_entry(c);
    return entry == nullptr ? 0 : entry->kind;
}

unsigned opening_kind(std::string_view text, std::size_t start) {
    if (before(text, start) != ' ') return quote_kind(character_before(text, start));
    const char32_t c = character_before(text, start - 1);
    return c == 0xAB || c == 0x2039 ? quote_kind(c) : 0;
}

char32_t character_at(std::string_view text, std::size_t pos) {
    if (pos >= text.size()) return 0;
    return read_code_point(text, pos);
}

char32_t character_before(std::string_view text, std::size_t pos) {
    if (pos == 0 || pos > text.size()) return 0;
    return previous_code_point(text, pos);
}

bool is_word_at(std::string_view text, std::size_t pos) {
    const char c = at(text, pos);
    return is(c, k_high) ? is_joined(character_at(text, pos)) : is(c, k_alnum | k_underscore);
}

bool is_word_before(std::string_view text, std::size_t pos) {
    const char c = before(text, pos);
    return is(c, k_high) ? is_joined(character_before(text, pos)) : is(c, k_alnum | k_underscore);
}

bool is_end_at(std::string_view text, std::size_t pos) {
    if (!is(at(text, pos), k_high)) return false;
    const auto* entry = find_entry(character_at(text, pos));
    return entry != nullptr && !is_apostrophe(text, pos, size_at(text, pos), entry->kind);
}

bool is_arrow_at(std::string_view text, std::size_t pos) {
    const auto dashes = skip(text, pos, k_dash, 2) - pos;
    return dashes > 0 && at(text, pos + dashes) == '>';
}

std::size_t skip_footnote(std::string_view text, std::size_t pos) {
    if (at(text, pos) != '[') return 0;
    const auto digits = skip(text, pos + 1, k_digit, 3);
    return digits > pos + 1 && at(text, digits) == ']' ? digits + 1 : 0;
}

std::size_t closing_size(std::string_view text, std::size_t pos, unsigned kind) {
    const char c = at(text, pos);
    if (kind == 0 || (!is(c, k_high) && c != '"' && c != '\'' && c != '`')) return 0;
    if (quote_kind(character_at(text, pos)) != kind) return 0;
    const auto size = size_at(text, pos);
    return is_apostrophe(text, pos, size, kind) ? 0 : size;
}

std::size_t find_closing(std::string_view text, std::size_t pos, std::size_t limit, unsigned kind) {
    limit = std::min(limit, text.size());
    constexpr int k_max_depth = 8; // of quotes within quotes: what is deeper is no text of people
    int depth = 1;
    std::size_t last = text.npos;
    for (; pos < limit && text[pos] != '\n'; ++pos) {
        if (before(text, pos) == '\\' && text[pos] == '"') continue;
        const auto size = closing_size(text, pos, kind);
        if (size == 0) continue;
        if (kind == k_ascii_double && opens_within(text, pos)) {
            if (++depth > k_max_depth) break;
            continue;
        }
        last = pos;
        if (--depth == 0) return pos;
        pos += size - 1;
    }
    return last;
}
}
