#pragma once
#include <string>
#include <string_view>

// Text as Python 3.11 sees it, for the values that the web service computes in Python. UTF-8 in, UTF-8 out.
namespace cti::intel {

bool is_word_character(char32_t c); // \w of a str pattern: letters, digits of any script, underscore
bool is_python_space(char32_t c);   // str.isspace, \s
bool is_unprintable(char32_t c); // neither str.isprintable nor str.isspace; of the first 65,536 code points

// str.lower(): U+0130 becomes two code points, a capital sigma at the end of a word becomes the final one.
std::string python_lower(std::string_view text);

// " ".join(text.split())
std::string join_words(std::string_view text);
}
