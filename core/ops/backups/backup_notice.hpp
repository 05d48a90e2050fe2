#pragma once
#include "core/net/webhook.hpp"
#include "core/ops/backups/backup_place.hpp"
#include "core/ops/environment.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace cti::ops {

// Who is told how backups went.
struct BackupWebhook {
    net::Webhook to = {};
    // What may pass by itself (database, locked) is not told yet, as the same is tried again.
    bool will_try_again = false;
};

// Names of events, as they are posted.
constexpr const char *k_backup_created = "backup_created", *k_backup_failed = "backup_failed",
                     *k_verify_failed = "backup_verify_failed", *k_prune_failed = "backup_prune_failed";

// What is known of one backup, or of the attempt to make, verify or remove some.
struct BackupNotice {
    std::string_view event;
    BackupPlace place;    // that the backups lie in
    std::string database; // "": it was not reached
    std::string backup;   // its name; "": there is none
    std::optional<long> bytes, rows;
    std::chrono::milliseconds duration{0};
    std::string error; // "": none
    ExitCode exit_code = ExitCode::ok;
};

// Posts it, up to three times, with the age of the last good backup. What goes wrong with that is a warning,
// and changes nothing of how the backup went. A webhook without an address: nothing is done.
void post_notice(const Environment& environment, const BackupWebhook& webhook, const BackupNotice& notice);

// The same of what was thrown. Whoever stopped it knows, and is not told.
void post_failure(const Environment& environment, const BackupWebhook& webhook, BackupNotice notice,
                  const std::exception& error);
}
