#pragma once
#include "core/search/query.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Queries of words as sets of articles.
namespace cti::search {

// Articles by their ids, ascending; or all but these.
struct ArticleSet {
    std::vector<int> ids;
    bool is_all_but = false;
};
ArticleSet in_both(const ArticleSet& a, const ArticleSet& b);
ArticleSet in_either(const ArticleSet& a, const ArticleSet& b);

// Terms of the index from `first` up to and without `end`; "": the one alone.
struct TermRange {
    std::string first, end;
    bool operator==(const TermRange&) const = default;
};
// What a term of the kind `words` asks the index for: each of its words.
std::vector<TermRange> term_ranges(const Term& term);
// Of all terms of a query, each once.
std::vector<TermRange> term_ranges(const Node& words);

// Whether nothing but words is asked for.
bool is_words(const Node& node);
// Whether words must stand one after the other, which the index cannot tell.
bool has_phrase(const Node& words);

// Gives the articles that have such a term.
using FindTerm = std::function<const std::vector<int>&(const TermRange&)>;
// All that match; of a phrase those as well that have all of its words somewhere.
ArticleSet evaluate(const Node& words, const FindTerm& find);
// Whether this text does, by fold_words(); exactly.
bool matches(const Node& words, std::string_view folded_title, std::string_view folded_content);
}
