#pragma once
#include "core/backup/token_words.hpp"

#include <string_view>

// What may be inside a function of a dump, and which names of the server's own no statement may speak of.
namespace cti::backup {

Fault dangerous_name(const Tokens& tokens); // functions that reach beyond the database
bool is_catalog(std::string_view name);     // of the server itself
Fault catalog_fault(const Tokens& tokens);  // writes to the server's own tables
Fault function_fault(const Tokens& tokens); // CREATE FUNCTION, with its language and its body
}
