#pragma once
#include "cli/command.hpp"
#include "core/db/database.hpp"
#include "core/ops/environment.hpp"

#include <string>

namespace cti::cli {

// Where the database is: --database-url, DATABASE_URL, the file that DATABASE_URL_FILE names, the parts
// POSTGRES_HOST, _PORT, _DB, _USER and _PASSWORD or _PASSWORD_FILE, and last libpq's own PG* variables,
// service and password file ("").
std::string find_database_url(const Context& context);

// Throws Error(database) with a hint.
db::Database open_database(const Context& context);

// Of this process: its database, its signals; warnings go to stderr with their hints. The context outlives
// it.
ops::Environment make_environment(const Context& context);
}
