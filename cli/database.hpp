#pragma once
#include "cli/command.hpp"
#include "core/db/database.hpp"
#include "core/ops/environment.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace cti::cli {

// The only place that decides where the database is. The first that says something counts: --database-url,
// DATABASE_URL, the file that DATABASE_URL_FILE names, the parts POSTGRES_HOST, _PORT, _DB, _USER and
// _PASSWORD or _PASSWORD_FILE, the same in settings files, and last libpq's own PG* variables, service and
// password file ("").
ops::FoundAddress find_database_address(const Context& context);
std::string find_database_url(const Context& context); // its text

// What pg_stat_activity calls a connection: "cti collect", "cti monitor observer".
std::string connection_name(const Context& context, std::string_view part = {});

// Throws Error(database) with a hint, once the policy's time is over.
db::Database open_database(const Context& context, std::string_view part = {}, db::OutagePolicy policy = {});

// One change in one transaction of a database that is ready; begun again where the connection is lost. Throws
// Error(schema) where the tables are not there.
void change_database(const Context& context, const std::function<void(db::Transaction&)>& change);

// Of this process: its database, its signals; warnings go to stderr with their hints. The context outlives
// it.
ops::Environment make_environment(const Context& context);
}
