#pragma once
#include "core/db/database.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cti::db {

struct Migration {
    const char* name;
    const char* sql;
};
std::span<const Migration> migrations();    // embedded sql/migrations/*.sql, in order
const char* web_schema_sql();               // embedded sql/web_schema.sql
std::vector<std::string> web_table_names(); // that it makes, in the schema public

struct SetUpReport {
    bool web_tables_created = false;
    std::vector<std::string> migrations;   // the names that were applied
    std::vector<std::string> indexes_made; // of the schema `cti`, which had lost them: see own_indexes.hpp
};
// Creates the web service's tables where they are all missing, and brings the schema `cti` up to date: one
// transaction, under a transaction-level advisory lock. dry_run: rolled back. time_zone: "" decides by itself
// (see Schema::time_zone) at the first set-up and keeps what was decided; else it is recorded. Throws
// Error(schema) or Error(database). then: runs at the end, in the same transaction, so that a dry run can
// look at what would be there. first: the same before anything is looked at.
SetUpReport set_up(Database& database, const std::string& time_zone, bool dry_run,
                   const std::function<void(Transaction&)>& then = {},
                   const std::function<void(Transaction&)>& first = {});
}
