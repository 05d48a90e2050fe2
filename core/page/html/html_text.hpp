#pragma once
#include <string>
#include <string_view>

namespace cti::page {

// The visible text of an HTML fragment, structure kept: a blank line between paragraphs, headings, lists,
// tables and code; one line an item or a table row (cells joined by a tab); <pre> kept line by line with its
// indentation; <br> a line end. White space folded elsewhere, inline tags leave no space behind ("a<b>b</b>"
// is "ab"). Scripts, styles, templates, comments and hidden elements give nothing; images give their alt text
// only where nothing else stands in the fragment. Entities decoded once. Unicode untouched; the result is
// valid UTF-8 without NUL. Linear in time, memory at most a small multiple of the input.
std::string html_to_text(std::string_view html);
}
