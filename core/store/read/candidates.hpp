#pragma once
#include "core/db/database.hpp"
#include "core/search/query.hpp"

#include <optional>
#include <string>
#include <vector>

// Which articles may fit a query at all, by indexes that answer before any article is read.
namespace cti::db {
class Params;
}

namespace cti::store {

class WordSearch;

// "SELECT … AS id": the articles with this indicator, some of them twice.
std::string select_with_indicator(const search::Term& term, db::Params& params);
// Those of which a language model has said it, some of them twice.
std::string select_with_analysis(const search::Term& term, db::Params& params);
// What of cti.indicators `i` is meant.
std::string is_indicator(const search::Term& term, db::Params& params);

// The whole words of a pattern, which must be there too.
search::Node words_of(const search::Term& pattern);

struct Candidates {
    std::optional<std::vector<int>> ids; // without doubles; nothing: too many, or no index knows
    search::Node rest;                   // what is still to be asked of each: all of its children
    std::vector<search::Term> checks;    // phrases and patterns that the text is to be asked for
    bool are_few() const;                // so that looking into each costs less than asking another index
};
Candidates find_candidates(db::Transaction& transaction, const search::Node& root, WordSearch& words);
}
