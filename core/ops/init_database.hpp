#pragma once
#include "core/db/migrate.hpp"
#include "core/ops/backups/reset_database.hpp"
#include "core/ops/environment.hpp"
#include "core/sources/diff.hpp"

#include <string>

// Makes a database ready, and brings the sources of a file into it.
namespace cti::ops {

struct InitOptions {
    std::string sources_config;                         // see read_configured_sources()
    bool no_sources = false;                            // the tables only, whatever file there is
    bool validate_feeds = false, allow_private = false; // ask each feed first, and warn of those that fail
    std::string secrets_file;                           // for those that want a login; "": none
    bool prune = false;                                 // disable sources that are not in the file
    bool sync_active = false;                           // take `active` of existing sources from the file too
    bool sync_schedule = false; // 2026's tables: and check_frequency and lookback_days
    bool dry_run = false;       // write nothing
    std::string time_zone;      // see db::set_up()
    bool reset = false;         // drop what cti made first: see reset_database()
    std::string confirm;        // for that

    sources::ActiveFrom active_from() const {
        return sync_active ? sources::ActiveFrom::file : sources::ActiveFrom::database;
    }
};

struct InitResult {
    bool is_stopped = false;  // before anything was done
    bool has_sources = false; // There is a file.
    db::OwnContents dropped;  // by a reset
    db::SetUpReport set_up;   // what was done, or would be
    sources::Difference difference;
};

// Throws Error(usage) for a file that cannot be used, Error(schema) or Error(database); then nothing was
// changed.
InitResult init_database(const Environment& environment, const InitOptions& options);
}
