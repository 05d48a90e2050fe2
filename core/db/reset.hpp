#pragma once
#include "core/db/database.hpp"

#include <string>
#include <vector>

// Taking away what cti made, so that a database of development begins anew.
namespace cti::db {

// What stands in the database beside that, in words ("the table public.app_settings", "3 articles that cti
// did not store"); nothing where all of it can be made again. The tables are locked until the transaction
// ends, so that nothing is added meanwhile.
std::vector<std::string> find_foreign_contents(Transaction& transaction);

struct OwnContents {
    long sources = 0, articles = 0;
};
// Drops the schema cti and the tables of web_schema.sql, and nothing else: what depends on them is an error
// of the server. Returns what was in them.
OwnContents drop_own(Transaction& transaction);
}
