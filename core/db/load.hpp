#pragma once
#include "core/db/database.hpp"

#include <optional>
#include <string>

// How much the server has to do, for `cti doctor`.
namespace cti::db {

struct Connections {
    int taken = 0;                 // of clients, of all databases
    int ours = 0;                  // those that call themselves cti, as far as this role may see
    int monitors = 0, servers = 0; // processes: of each, the one connection that bears its name alone
    int allowed = 0;               // to roles that are not superusers
};
Connections count_connections(Transaction& transaction);

// Of this database, by pg_stat_statements.
struct SlowStatements {
    int count = 0; // whose mean is above the limit
    long calls = 0;
    double mean_ms = 0;
    std::string text; // of the one that took most time altogether
};
// Nothing where the extension is not there or its library is not loaded.
std::optional<SlowStatements> find_slow_statements(Transaction& transaction, double min_mean_ms);
}
