#pragma once
#include "core/db/schema.hpp"

#include <chrono>

// What nobody asks for any more goes, a small batch in each transaction, so that nobody waits for it.
namespace cti::store {

struct Retention {
    std::chrono::days checks{90};        // public.source_checks; the last one of each source stays
    std::chrono::days seen_entries{365}; // that their feed has not shown for so long
    std::chrono::days runs{90};          // the last successful one of each command stays
    std::chrono::days notifications{90}; // that were delivered or given up
    std::chrono::days jobs{7};           // that were done or cancelled
    std::chrono::days dead_jobs{30};     // that failed: somebody may want to know why, or try again
};

// One batch of each; how many rows went. 0: there is no more to do.
long remove_old_checks(db::Transaction& transaction, const db::Schema& schema, std::chrono::days age);
long remove_old_entries(db::Transaction& transaction, std::chrono::days age);
long remove_old_runs(db::Transaction& transaction, std::chrono::days age);
long remove_old_notifications(db::Transaction& transaction, std::chrono::days age);

// The planner's statistics of cti's own tables.
void refresh_statistics(db::Transaction& transaction);
}
