#pragma once
#include "core/ops/backups/backup_notice.hpp"
#include "core/ops/backups/load_dump.hpp"

namespace cti::ops {

struct VerifyOptions {
    BackupPlace place;
    std::string which = "latest";
    backup::Depth depth = backup::Depth::checksums;
    std::string key_file = {};  // of a backup that is encrypted; its checksums need none
    BackupWebhook webhook = {}; // is told of damage and of failure
    OnProgress on_progress;
};

struct VerifyResult {
    std::string path;
    std::vector<std::string> damage; // empty: it is whole
    long rows = 0;                   // of all tables
    bool is_recorded = false;        // beside the backup
};

// checksums: the manifest, and every byte of every file; no database is needed. decode: and all of the dump
// is read as pg_restore reads it, and its rows are counted. restore: and it is restored into a scratch
// database, which is compared with the manifest by rows, checksums, keys and sequences, and dropped. Throws
// Error where it cannot be looked at.
VerifyResult verify_backup(const Environment& environment, const VerifyOptions& options);
}
