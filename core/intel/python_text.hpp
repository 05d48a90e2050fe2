#pragma once
#include "core/base/text.hpp"

#include <string>
#include <string_view>

// Text as Python 3.11 sees it, for the values that the web service computes in Python. UTF-8 in, UTF-8 out.
namespace cti::intel {

bool is_word_character(char32_t c); // \w of a str pattern: letters, digits of any script, underscore
bool is_unprintable(char32_t c); // neither str.isprintable nor str.isspace; of the first 65,536 code points

// str.isspace, \s. Most text is ASCII, so this and the next are decided without a call there.
inline bool is_python_space(char32_t c) {
    return c < 0x80 ? c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F) : is_unicode_space(c);
}

inline char32_t read_code_point(std::string_view text, std::size_t& pos) {
    const auto byte = static_cast<unsigned char>(text[pos]);
    if (byte >= 0x80) return next_code_point(text, pos);
    ++pos;
    return byte;
}

// The code point that ends before `pos`, which moves to its start. pos > 0.
char32_t previous_code_point(std::string_view text, std::size_t& pos);

// str.lower(): U+0130 becomes two code points, a capital sigma at the end of a word becomes the final one.
std::string python_lower(std::string_view text);

// " ".join(text.split())
std::string join_words(std::string_view text);
}
