#pragma once
#include "core/base/time.hpp"
#include "core/db/database.hpp"

#include <optional>
#include <string>
#include <vector>

// cti.runs: what was done, by whom, and how it ended. cti.schedules: when each kind of work was done last.
namespace cti::store {

struct RunRow {
    std::string id;      // of the caller's making; the same one twice is one run
    std::string command; // "collect"
    std::string owner;   // host:pid
    std::string result;  // ok, partial, failed, locked, interrupted
    Time started_at, finished_at;
    int sources = 0, not_modified = 0, failed = 0;
    long entries = 0, inserted = 0, updated = 0, bytes = 0;
};

// started_at and finished_at become times of the server's clock: its now(), and as much earlier as the run
// took. Counts it in cti_runs_total and marks the schedule of its command.
void record_run(db::Transaction& transaction, const RunRow& row);
// False for a role that only reads, and on a replica.
bool may_record_runs(db::Transaction& transaction);
std::vector<RunRow> recent_runs(db::Transaction& transaction, int limit); // newest first

struct ScheduleRow {
    std::string name;
    std::optional<Time> next_run_at, last_run_at, last_success_at;
    double last_duration_s = 0;
};
// Without plans that were never done, see schedules.hpp.
std::vector<ScheduleRow> list_schedules(db::Transaction& transaction);
// A round that found nothing to do is one that went well.
void mark_schedule(db::Transaction& transaction, const std::string& name, bool success, double duration_s);
// True for one caller only when the planned moment has come; the next one is `next_in` from now then, by the
// server's clock. The first call plans and returns false. A plan that is further away than that was made by a
// clock that has been set back since, or for another schedule: it comes nearer.
bool claim_scheduled(db::Transaction& transaction, const std::string& name,
                     std::chrono::microseconds next_in);
}
