#pragma once
#include <string_view>

namespace cti::search {

// Beyond ASCII, what words end at, of the index as of a query: no-break space, quotes, middle dot, hyphens
// and dashes, bullet, ellipsis, ideographic marks, the comma of full width. The function cti.search_words()
// of the migrations has the same.
constexpr std::u32string_view k_separators =
    U"\u00A0\u00AB\u00B7\u00BB\u2010\u2011\u2012\u2013\u2014\u2015\u2018\u2019"
    U"\u201A\u201B\u201C\u201D\u201E\u2022\u2026\u3000\u3001\u3002\uFF0C";

constexpr bool is_separator(char32_t c) { return k_separators.find(c) != k_separators.npos; }
}
