#include "core/intel/python_text.hpp"

#include "core/base/byte_runs.hpp"
#include "core/base/unicode_lower.hpp"

#include <algorithm>
#include <span>

namespace cti::intel {
namespace {
struct Range {
    char32_t first, last;
};
#include "core/intel/unicode_tables.inc"

bool contains(std::span<const Range> ranges, char32_t c) {
    const auto it = std::ranges::lower_bound(ranges, c, {}, &Range::last);
    return it != ranges.end() && c >= it->first;
}

constexpr char32_t k_capital_sigma = 0x3A3, k_small_sigma = 0x3C3, k_final_sigma = 0x3C2;

// Lambdas, as a function that is passed by its address is called for each byte.
constexpr auto is_not_ascii = [](unsigned char c) { return c >= 0x80; };
// Neither white space nor a control character, some of which are white space to Python.
constexpr auto is_visible = [](unsigned char c) { return static_cast<bool>((c > ' ') & (c < 0x80)); };

// Unicode's Final_Sigma: a cased letter before and none after, case-ignorable characters between them
// skipped. The sigma itself is cased, so the scans of several of them never cross and all are linear
// together.
bool is_final_sigma(std::string_view text, std::size_t start, std::size_t end) {
    char32_t before = 0;
    do {
        if (start == 0) return false;
        before = previous_code_point(text, start);
    } while (contains(k_case_ignorable, before));
    if (!contains(k_cased, before)) return false;
    while (end < text.size()) {
        const char32_t after = next_code_point(text, end);
        if (!contains(k_case_ignorable, after)) return !contains(k_cased, after);
    }
    return true;
}
}

namespace {
void append_lower(std::string& out, std::string_view ascii) {
    const auto begin = out.size();
    out += ascii;
    for (auto at = begin; at < out.size(); ++at) out[at] = ascii_lower(out[at]);
}
}

char32_t previous_code_point(std::string_view text, std::size_t& pos) {
    const auto end = pos;
    for (std::size_t back = 1; back <= std::min<std::size_t>(4, end); ++back) {
        if ((static_cast<unsigned char>(text[end - back]) & 0xC0U) == 0x80) continue;
        auto next = end - back;
        const char32_t c = next_code_point(text, next);
        if (next != end) break;
        pos = end - back;
        return c;
    }
    pos = end - 1;
    return k_replacement_character;
}

bool is_word_character(char32_t c) { return contains(k_word_characters, c); }

bool is_unprintable(char32_t c) { return contains(k_unprintable, c); }

std::string python_lower(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t pos = 0; pos < text.size();) {
        const auto start = find_byte(text, pos, is_not_ascii);
        append_lower(out, text.substr(pos, start - pos));
        if ((pos = start) == text.size()) break;
        const char32_t c = next_code_point(text, pos);
        if (c == 0x130) {
            out += "i\xCC\x87";
        } else if (c == k_capital_sigma) {
            append_utf8(out, is_final_sigma(text, start, pos) ? k_final_sigma : k_small_sigma);
        } else {
            append_utf8(out, to_lower(c));
        }
    }
    return out;
}

std::string join_words(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool gap = false;
    for (std::size_t pos = 0; pos < text.size();) {
        const auto start = pos;
        if (is_visible(static_cast<unsigned char>(text[pos]))) {
            pos = skip_words(text, pos, is_visible);
        } else if (is_python_space(read_code_point(text, pos))) {
            gap = !out.empty();
            continue;
        }
        if (gap) out += ' ';
        gap = false;
        out.append(text, start, pos - start);
    }
    return out;
}
}
