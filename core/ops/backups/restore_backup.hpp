#pragma once
#include "core/ops/backups/create_backup.hpp"
#include "core/ops/backups/load_dump.hpp"

namespace cti::ops {

struct RestoreOptions {
    BackupPlace place;                    // of backups, and of the one that is made before
    std::string which;                    // see find_dump()
    std::vector<std::string> tables = {}; // of the dump, with what they need; empty: all
    std::string confirm;                  // the name of a database that is not empty
    bool dry_run = false, has_safety_backup = true;
    bool migrates = false;                             // an older copy is brought up to date
    std::string key_file = {};                         // of a backup that is encrypted
    std::optional<backup::Encryption> encryption = {}; // of the one that is made before
    OnProgress on_progress;
};

struct RestoreResult {
    std::string database, dump, kind;
    backup::DumpSummary summary; // its rows: of what is restored
    bool was_empty = false;
    std::string safety_backup;        // "": none was made
    std::string old_database;         // where what was there before is still; "": nowhere
    std::vector<std::string> done;    // what was changed in the copy, one line each
    std::vector<std::string> refused; // what the server would not do, without harm
    std::vector<TableFacts> before, after;
};

// Into a new database, which takes the place of the other one at the end; where the role may not make one,
// into the database itself if that is empty. Whatever fails before the end, the database is as it was. The
// dump is read to its end and past the rules before anything is done, and again on its way.
// Throws Error(check) where the dump is damaged or must not be restored, Error(locked) where others are at
// work in the database, Error(schema) where it is older or newer than this program, Error(usage) where it is
// not empty and was not confirmed.
RestoreResult restore_backup(const Environment& environment, const RestoreOptions& options);
}
