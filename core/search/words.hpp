#pragma once
#include <string>
#include <string_view>

// The words of articles and of queries: letters and digits of any script, in lower case, however the locale
// of a database would have it.
namespace cti::search {

// The lower case; of a sigma at the end of a word that within one.
char32_t fold_case(char32_t c);
constexpr char32_t k_final_sigma = 0x3C2, k_inner_sigma = 0x3C3;

// " one two ": one blank before, between and after them, so that a word or a phrase is looked for with blanks
// around it. " " where there is none.
std::string fold_words(std::string_view text);

// Before a term of the index: the word stands in the title. No word has this byte.
constexpr char k_title_mark = '\x01';
// A longer word is in no index, and no query may have one.
constexpr std::size_t k_max_term_bytes = 500;

// Goes up where other words are found in the same text: the step `words` is of this version.
constexpr int k_terms_version = 3;

// What the index has of an article: each word once, those of the title a second time with their mark, each
// with a blank after it, in no order.
std::string find_terms(std::string_view title, std::string_view content);
}
