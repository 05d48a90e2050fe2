#pragma once
#include "core/db/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cti::db {

// Where a database is, for a program such as pg_dump. Others of the machine see what a program is told, so
// passwords go by its environment.
struct ToolAddress {
    std::string connection;               // libpq's "key='value' …", without secrets
    std::vector<std::string> environment; // "PGPASSWORD=…"
};
ToolAddress tool_address(Database& database);

// A connection to another database of the same server, with `part` after its name.
Database connect_beside(Database& database, const std::string& name, std::string_view part);
}
