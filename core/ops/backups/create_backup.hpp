#pragma once
#include "core/backup/encryption.hpp"
#include "core/backup/manifest.hpp"
#include "core/ops/backups/backup_notice.hpp"
#include "core/ops/backups/backup_place.hpp"
#include "core/ops/environment.hpp"

#include <functional>
#include <optional>
#include <string>

namespace cti::ops {

struct BackupOptions {
    BackupPlace place; // a folder is made where it is missing
    std::string format = "custom", compression = "gzip";
    std::string only = "all"; // or "cti", see store::Scope
    std::string label;
    int jobs = 2;                                      // of a directory
    std::string read_database_url;                     // a replica; "": the database itself
    std::optional<backup::Encryption> encryption = {}; // nothing: the dump is as pg_dump writes it
    BackupWebhook webhook;                             // is told of success and of failure
    OnProgress on_progress;
};

struct BackupResult {
    std::string path; // or "s3://…"
    backup::Manifest manifest;
    int leftovers = 0; // of earlier ones that were killed, removed
};

// One folder, which appears whole or not at all: pg_dump's dump and a manifest, of one and the same snapshot,
// while others go on to write. Throws Error(usage), Error(database), Error(output) where it cannot be
// written.
BackupResult create_backup(const Environment& environment, const BackupOptions& options);
}
