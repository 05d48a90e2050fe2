#pragma once
#include "core/search/query.hpp"

#include <string>
#include <string_view>

// What a query asks for in PostgreSQL's own syntaxes. Nothing that somebody typed is an operator in them.
namespace cti::store {

// For to_tsquery(). Of a node that is nothing but words, and of a pattern: the whole words in it, "" for
// none.
std::string tsquery_of(const search::Node& node);
std::string tsquery_of(const search::Term& term);
// "*" and "?" of a pattern as an advanced regular expression, which begins and ends where a word does.
std::string regex_of(std::string_view pattern);
// "*" and "?" as "%" and "_" of LIKE.
std::string like_of(std::string_view pattern);
}
