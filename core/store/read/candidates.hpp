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

// "SELECT … AS id": the articles with these words (see tsquery_of()), of all or of any node that is nothing
// but words. Those that are not in the index are read themselves.
std::string select_with_words(const search::Node& words, long indexed_to, db::Params& params);
// Those with this indicator, some of them twice.
std::string select_with_indicator(const search::Term& term, db::Params& params);
// Those of which a language model has said it, some of them twice.
std::string select_with_analysis(const search::Term& term, db::Params& params);
// What of cti.indicators `i` is meant.
std::string is_indicator(const search::Term& term, db::Params& params);

bool is_words(const search::Node& node);

struct Candidates {
    std::optional<std::vector<int>> ids; // without doubles; nothing: too many, or no index knows
    search::Node rest;                   // what is still to be asked of each: all of its children
    bool are_few() const;                // so that looking into each costs less than asking another index
};
Candidates find_candidates(db::Transaction& transaction, const search::Node& root, long indexed_to);
}
