#pragma once
#include "core/backup/sql_token.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the rules of a dump ask of the words of a statement.
namespace cti::backup {

using Tokens = std::vector<Token>;
using Fault = std::optional<std::string>; // "names lo_import, which reaches beyond the database"

inline bool contains(const auto& list, std::string_view word) {
    return std::ranges::find(list, word) != std::end(list);
}

bool is_symbol(const Token& token, std::string_view symbol);
bool is_name(const Token& token); // a word or a name in quotes
bool is_text(const Token& token);
bool has_word(const Tokens& tokens, std::string_view word);
// words: in capitals, with one blank between
bool begins_with(const Tokens& tokens, std::string_view words);
}
