#pragma once
#include "core/ops/environment.hpp"

#include <chrono>

namespace cti::ops {

// Names of plans too, see the migration 0017.
constexpr const char *k_backup_mark = "backup", *k_backup_trial_mark = "backup_verify";

// When a backup was made, or restored on trial, is told by the database that it is of, so that monitors know
// of those that others make. As far as the role may write there; a backup does not fail for it.
void mark_backup(const Environment& environment, const char* name, bool success,
                 std::chrono::steady_clock::time_point begin);
}
