#include "core/db/tool_address.hpp"

#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>

namespace cti::db {

ToolAddress tool_address(Database& database) {
    auto address = with_defaults(database.impl().address, database.impl().application);
    ToolAddress tool;
    if (const auto password = address.parameters.find("password"); password != address.parameters.end()) {
        tool.environment.push_back("PGPASSWORD=" + password->second);
        address.parameters.erase(password);
    }
    address.parameters.erase("sslpassword"); // libpq has no variable for it.
    tool.connection = connection_string(address);
    return tool;
}

Database connect_beside(Database& database, const std::string& name, std::string_view part) {
    auto address = database.impl().address;
    address.parameters["dbname"] = name;
    return Database(connection_string(address), database.impl().policy,
                    fmt::format("{} {}", database.impl().application, part));
}
}
