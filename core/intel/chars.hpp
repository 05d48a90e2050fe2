#pragma once
#include "core/base/text.hpp"

#include <array>
#include <cstdint>
#include <string_view>

// Classes of bytes for the scanners. One table, because it is asked for every byte of the text.
namespace cti::intel {

enum CharClass : std::uint16_t {
    k_digit = 1,
    k_hex_letter = 2,
    k_other_letter = 4,
    k_dot = 8,
    k_dash = 16,
    k_underscore = 32,
    k_high = 64,   // part of a character beyond ASCII
    k_local = 128, // may stand in the local part of an e-mail address
    k_base64 = 256,
    k_url_end = 512, // never in a URL
    k_space = 1024,
};
constexpr std::uint16_t k_alnum = k_digit | k_hex_letter | k_other_letter;
constexpr std::uint16_t k_letter = k_hex_letter | k_other_letter;
constexpr std::uint16_t k_hex = k_digit | k_hex_letter;
constexpr std::uint16_t k_word = k_alnum | k_dot | k_dash | k_underscore | k_high;

constexpr std::array<std::uint16_t, 256> make_classes() {
    std::array<std::uint16_t, 256> table{};
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        auto& flags = table[static_cast<std::size_t>(c)];
        if (is_ascii_digit(byte)) flags |= k_digit | k_local | k_base64;
        if (is_ascii_alpha(byte)) {
            const char lower = ascii_lower(byte);
            flags |= (lower <= 'f' ? k_hex_letter : k_other_letter) | k_local | k_base64;
        }
        if (c >= 0x80) flags |= k_high;
        if (c <= 0x20 || c == 0x7F) flags |= k_url_end;
        if (is_ascii_space(byte)) flags |= k_space;
    }
    table['.'] |= k_dot | k_local;
    table['-'] |= k_dash | k_local;
    table['_'] |= k_underscore | k_local;
    table['+'] |= k_local | k_base64;
    table['%'] |= k_local;
    table['/'] |= k_base64;
    for (const char c : {'<', '>', '"', '`', '|', '^', '\\', '{', '}'})
        table[static_cast<unsigned char>(c)] |= k_url_end;
    return table;
}
inline constexpr auto k_classes = make_classes();

constexpr std::uint16_t class_of(char c) { return k_classes[static_cast<unsigned char>(c)]; }
constexpr bool is(char c, std::uint16_t classes) { return (class_of(c) & classes) != 0; }

// The byte, or NUL beyond the ends: NUL is in no class but k_url_end.
constexpr char at(std::string_view text, std::size_t pos) { return pos < text.size() ? text[pos] : '\0'; }
constexpr char before(std::string_view text, std::size_t pos) { return pos > 0 ? text[pos - 1] : '\0'; }

// The end of the run of such bytes that begins at `pos`, at most `most` bytes away.
constexpr std::size_t skip(std::string_view text, std::size_t pos, std::uint16_t classes,
                           std::size_t most = SIZE_MAX) {
    if (pos >= text.size()) return pos;
    const auto end = most < text.size() - pos ? pos + most : text.size();
    while (pos < end && is(text[pos], classes)) ++pos;
    return pos;
}
inline bool all_of(std::string_view text, std::uint16_t classes) {
    return skip(text, 0, classes) == text.size();
}

// A set of words that is written down in the program: "one two three ", each followed by a blank. What no
// word begins with or is as long as is sorted out at a glance.
class WordList {
public:
    consteval WordList(const char* words) : m_words(words) { // NOLINT(google-explicit-constructor)
        for (std::size_t pos = 0; pos < m_words.size();) {
            const auto end = m_words.find(' ', pos);
            m_firsts |= bit_of(m_words[pos]);
            m_sizes |= std::uint64_t{1} << (end - pos);
            pos = end + 1;
        }
    }
    constexpr bool holds(std::string_view word) const {
        constexpr std::size_t longest = 63;
        if (word.empty() || word.size() > longest || (m_sizes >> word.size() & 1U) == 0 ||
            (m_firsts & bit_of(word[0])) == 0)
            return false;
        for (std::size_t pos = 0; pos < m_words.size();) {
            const auto end = m_words.find(' ', pos);
            if (m_words.substr(pos, end - pos) == word) return true;
            pos = end + 1;
        }
        return false;
    }

private:
    static constexpr std::uint64_t bit_of(char c) {
        return std::uint64_t{1} << (static_cast<unsigned>(c) & 63U);
    }
    std::string_view m_words;
    std::uint64_t m_firsts = 0, m_sizes = 0;
};
constexpr bool is_any_of(std::string_view word, const WordList& words) { return words.holds(word); }

// ¹ and its kind: they stand behind a word as the number of a footnote.
constexpr bool is_raised_digit(char32_t c) {
    return c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0x2070 && c <= 0x2079);
}

// Scripts that are written without blanks between words: ASCII that touches them is a word of its own.
constexpr bool is_blankless(char32_t c) {
    return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFFDC) || c >= 0x20000;
}
}
