#include "core/ops/housekeeping.hpp"

#include "core/base/clock.hpp"
#include "core/store/own/jobs.hpp"
#include "core/store/own/orphans.hpp"
#include "core/store/own/runs.hpp"
#include "core/store/own/word_segments.hpp"
#include "core/store/read/word_search.hpp"

#include <fmt/format.h>

namespace cti::ops {
namespace {
constexpr auto k_max_time = std::chrono::minutes(10); // a round of the monitor waits meanwhile

// All batches of one kind of row.
template <class RemoveBatch>
long remove_all(db::Database& database, SteadyTime begun, const HousekeepingObserver& observer,
                const RemoveBatch& remove_batch) {
    const auto is_over = [&] {
        return steady_time() - begun >= k_max_time || (observer.is_stopped && observer.is_stopped());
    };
    long sum = 0;
    for (long removed = 1; removed > 0 && !is_over();) {
        db::with_retry(database, [&](db::Transaction& transaction) { removed = remove_batch(transaction); });
        sum += removed;
        if (observer.on_batch) observer.on_batch();
    }
    return sum;
}
}

HousekeepingResult run_housekeeping(db::Database& database, const db::Schema& schema,
                                    const store::Retention& retention, const HousekeepingObserver& observer) {
    const auto begun = steady_time();
    const auto all_of = [&](const auto& remove_batch) {
        return remove_all(database, begun, observer, remove_batch);
    };
    HousekeepingResult result;
    result.checks = all_of([&](auto& tx) { return store::remove_old_checks(tx, schema, retention.checks); });
    result.entries = all_of([&](auto& tx) { return store::remove_old_entries(tx, retention.seen_entries); });
    result.runs = all_of([&](auto& tx) { return store::remove_old_runs(tx, retention.runs); });
    result.notifications =
        all_of([&](auto& tx) { return store::remove_old_notifications(tx, retention.notifications); });
    result.jobs =
        all_of([&](auto& tx) { return store::remove_old_jobs(tx, retention.jobs, retention.dead_jobs); });
    result.orphans = all_of([](auto& tx) { return store::remove_orphans(tx); });
    db::with_retry(database, [&](db::Transaction& tx) {
        if (store::count_unindexed(tx, schema, 1) == 0) store::remove_old_index(tx);
    });
    result.took = steady_time() - begun;
    db::with_retry(database, [&](db::Transaction& transaction) {
        store::refresh_statistics(transaction);
        store::mark_schedule(transaction, "housekeeping", true,
                             std::chrono::duration<double>(result.took).count());
    });
    return result;
}

std::string describe(const HousekeepingResult& result) {
    return fmt::format("{} old checks, {} entries, {} runs, {} notifications, {} jobs and {} orphans removed",
                       result.checks, result.entries, result.runs, result.notifications, result.jobs,
                       result.orphans);
}
}
