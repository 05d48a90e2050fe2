#include "core/base/html.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace cti {
namespace {
struct NamedEntity {
    std::string_view name, text;
};
constexpr NamedEntity k_entities[] = {
#include "core/base/html_entities.inc"
};
constexpr std::size_t k_max_name_bytes = 33; // "CounterClockwiseContourIntegral;" is 32.

// What browsers make of &#128; to &#159;: windows-1252, not C1 controls.
constexpr std::array<char32_t, 32> k_c1_as_windows_1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

int digit_value(char c) {
    if (is_ascii_digit(c)) return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

// Control characters stay and half a surrogate pair is U+FFFD, as in browsers; NUL and non-characters mean
// nothing.
bool is_allowed(char32_t c) { return c != 0 && (c & 0xFFFE) != 0xFFFE; }

// Reads "&#…;" at text[pos]; 0 and `pos` unmoved when none stands there.
char32_t read_code(std::string_view text, std::size_t& pos) {
    std::size_t i = pos + 2; // Behind "&#".
    const int base = i < text.size() && ascii_lower(text[i]) == 'x' ? 16 : 10;
    if (base == 16) ++i;
    const auto first_digit = i;
    char32_t code = 0;
    for (; i < text.size() && digit_value(text[i]) < base; ++i) {
        if (code <= 0x10FFFF)
            code = code * static_cast<unsigned>(base) + static_cast<unsigned>(digit_value(text[i]));
    }
    if (i == first_digit) return 0;
    if (i < text.size() && text[i] == ';') ++i;
    if (code >= 0x80 && code < 0xA0) code = k_c1_as_windows_1252[code - 0x80];
    pos = i;
    return code;
}

bool append_numeric(std::string& out, std::string_view text, std::size_t& pos) {
    const auto start = pos;
    char32_t code = read_code(text, pos);
    if (pos == start) return false;
    if (code >= 0xD800 && code < 0xDC00 && text.substr(pos, 2) == "&#") {
        auto next = pos;
        const char32_t low = read_code(text, next);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            pos = next;
        }
    }
    if (is_allowed(code)) append_utf8(out, code);
    return true;
}

bool append_named(std::string& out, std::string_view text, std::size_t& pos, References where) {
    std::size_t end = pos + 1;
    while (end < text.size() && end - pos <= k_max_name_bytes &&
           (is_ascii_alpha(text[end]) || is_ascii_digit(text[end])))
        ++end;
    if (end < text.size() && text[end] == ';') {
        if (const auto found = named_entity(text.substr(pos + 1, end - pos)); !found.empty()) {
            out += found;
            pos = end + 1;
            return true;
        }
    }
    if (where == References::in_attribute && end < text.size() && text[end] == '=') return false;
    const auto name_end = end;
    // The longest of the old names that need no semicolon: "&notit;" is "¬it;".
    for (; end > pos + 1; --end) {
        if (const auto found = named_entity(text.substr(pos + 1, end - pos - 1)); !found.empty()) {
            if (where == References::in_attribute && end != name_end) return false;
            out += found;
            pos = end;
            return true;
        }
    }
    return false;
}
}

std::string_view named_entity(std::string_view name) {
    const auto* it = std::ranges::lower_bound(k_entities, name, {}, &NamedEntity::name);
    return it != std::end(k_entities) && it->name == name ? it->text : std::string_view{};
}

void append_reference(std::string& out, std::string_view text, std::size_t& pos, References where) {
    const bool numeric = pos + 1 < text.size() && text[pos + 1] == '#';
    if (numeric ? append_numeric(out, text, pos) : append_named(out, text, pos, where)) return;
    out += text[pos++];
}

std::string decode_entities(std::string_view text, References where) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t pos = 0; pos < text.size();) {
        const auto amp = std::min(text.find('&', pos), text.size());
        out.append(text, pos, amp - pos);
        if ((pos = amp) < text.size()) append_reference(out, text, pos, where);
    }
    return out;
}

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 16);
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}
}
