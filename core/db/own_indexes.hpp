#pragma once
#include "core/db/database.hpp"

#include <string>
#include <vector>

// The indexes and keys of the schema `cti`. A restore that failed half-way loses them, and without them
// statements with ON CONFLICT are refused.
namespace cti::db {

// "cti.seen_entries (source_id, entry_key)": what the migrations make and the database has not, by what an
// index enforces or finds and not by its name. Of tables that are missing themselves it says nothing.
std::vector<std::string> missing_indexes(Transaction& transaction);

// The tables of the migrations that the schema lacks: "cti.progress".
std::vector<std::string> missing_tables(Transaction& transaction);

// Makes them again, and returns what it made. Of rows that stand twice under one key it keeps the last.
// Throws Error(database) where the tables are somebody else's.
std::vector<std::string> make_missing_indexes(Transaction& transaction);
}
