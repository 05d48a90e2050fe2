#pragma once
#include "core/search/query.hpp"

#include <string>
#include <string_view>

// What a query asks for in PostgreSQL's own syntaxes. Nothing that somebody typed is an operator in them.
namespace cti::store {

// The words one after the other, whatever separates them, as a regular expression that knows nothing of the
// database's locale: letters in both cases.
std::string phrase_regex(const search::Term& term);
// "*" and "?" of a pattern as an advanced regular expression, which begins and ends where a word does.
std::string regex_of(std::string_view pattern);
// "*" and "?" as "%" and "_" of LIKE.
std::string like_of(std::string_view pattern);
}
