#pragma once
#include "core/db/database.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What hosts asked for: a pause (Retry-After), and their robots.txt. Shared by all processes; durations and
// not moments, because the server's clock decides.
namespace cti::store {

struct HostState {
    std::optional<std::chrono::seconds> hold;       // still to wait
    std::optional<std::string> robots;              // robots.txt; nothing: it could not be read
    int robots_status = 0;                          // HTTP status; 0: no answer
    std::optional<std::chrono::seconds> robots_age; // nothing: never asked
};
// Only those that are known.
std::map<std::string, HostState> find_host_states(db::Transaction& transaction,
                                                  const std::vector<std::string>& hosts);

// A longer pause that is known already stays.
void hold_host(db::Transaction& transaction, const std::string& host, std::chrono::seconds hold);
void keep_robots(db::Transaction& transaction, const std::string& host, int status,
                 const std::optional<std::string>& robots);
}
