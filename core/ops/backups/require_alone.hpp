#pragma once
#include "core/db/databases.hpp"

#include <string_view>
#include <vector>

namespace cti::ops {

// Before a database is taken away: throws Error(locked) that names those who are connected to it, ten at
// most.
void require_alone(const std::vector<db::OtherSession>& sessions, std::string_view database);
}
