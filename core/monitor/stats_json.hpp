#pragma once
#include "core/store/read/stats.hpp"

#include <string>

namespace cti::monitor {
// `stats --format json` and /api/stats: one document with a line feed at the end.
std::string stats_json(const store::Stats& stats);
}
