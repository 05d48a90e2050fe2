#pragma once
#include "core/backup/retention.hpp"
#include "core/ops/backups/backup_notice.hpp"
#include "core/ops/backups/backup_place.hpp"
#include "core/ops/environment.hpp"

#include <string>
#include <vector>

namespace cti::ops {

struct PruneOptions {
    BackupPlace place;
    backup::RetentionRules rules; // for each database by itself
    BackupWebhook webhook = {};   // is told of failure
    bool dry_run = false;
};

struct PrunedBackup {
    std::string path, reason; // why it stays; "" where it goes
    Time time;
    bool is_removed = false;
};

// Oldest first. Only what has cti's name and a manifest that is whole is ever removed; what is damaged stays.
std::vector<PrunedBackup> prune_backups(const Environment& environment, const PruneOptions& options);
}
