#include "core/ops/backups/backup_marks.hpp"

#include "core/base/log.hpp"
#include "core/store/own/runs.hpp"

namespace cti::ops {

void mark_backup(const Environment& environment, const char* name, bool success,
                 std::chrono::steady_clock::time_point begin) try {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    auto database = environment.connect();
    db::with_retry(database, [&](db::Transaction& transaction) {
        if (store::may_record_runs(transaction))
            store::mark_schedule(transaction, name, success, took.count());
    });
} catch (const Error& error) {
    log::debug("the database does not know of it: {}", error.what());
}
}
