#pragma once
#include <vector>

namespace cti {

// The lower case of a code point where it is one code point too (all but that of U+0130); others are as they
// are.
char32_t to_lower(char32_t c);
// The code points whose lower case it is; of most none.
std::vector<char32_t> upper_cases(char32_t c);
}
