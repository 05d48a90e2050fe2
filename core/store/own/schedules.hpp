#pragma once
#include "core/db/database.hpp"
#include "core/store/own/jobs.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

// Plans: cti.schedules as far as its rows have a kind. All moments are of the server's clock, and which
// moment is the next one says whoever reads the cron expression.
namespace cti::store {

struct Schedule {
    std::string name = {}, cron = {}, zone = "UTC", kind = {}, arguments_json = "{}";
    int priority = 0;
    bool is_enabled = true;
    std::optional<Time> next_run_at = {};  // nothing: not planned yet
    std::optional<Time> last_slot_at = {}; // the moment that became a job last
    std::optional<long> last_job_id = {};
    bool is_kept_by_monitors = false; // one of them does it by itself
    bool has_worker = false;          // one that lives takes jobs of this kind
    bool operator==(const Schedule&) const = default;
};
std::vector<Schedule> list_plans(db::Transaction& transaction); // by name
std::optional<Schedule> find_plan(db::Transaction& transaction, const std::string& name);
// False: there is one of this name already.
bool add_plan(db::Transaction& transaction, const Schedule& schedule);
// Cron, zone, arguments, priority and whether it is enabled; the next moment is planned anew.
bool change_plan(db::Transaction& transaction, const Schedule& schedule);
// What was done stays known.
bool remove_plan(db::Transaction& transaction, const std::string& name);

// The caller leads until `lease` from now; the number of its term, or nothing where another leads.
std::optional<long> lead(db::Transaction& transaction, const std::string& name, const std::string& holder,
                         std::chrono::seconds lease);
void resign(db::Transaction& transaction, const std::string& name, const std::string& holder);

// Enabled plans whose moment has come or that have none yet, with `now`. Those that monitors keep, and those
// whose kind no worker takes that lives, stay as they are: their moment is caught up with later, once.
struct DuePlans {
    Time now{};
    std::vector<Schedule> plans;
};
DuePlans list_due_plans(db::Transaction& transaction);

// Moves the plan from the moment that the caller has read to `next`. False where another has moved or changed
// it since, or where `term` is not the leader's any more: nothing may be made of the moment then.
bool move_plan(db::Transaction& transaction, const Schedule& read, Time next, long term);
// What the plan became last; slot: its moment, nothing where somebody asked for it.
void record_job(db::Transaction& transaction, const std::string& name, long job_id,
                const std::optional<Time>& slot = {});

// For a monitor, which does it by itself: no job is made of it for `time` from now. Nothing: there is no such
// plan.
std::optional<Schedule> keep_plan(db::Transaction& transaction, const std::string& name,
                                  std::chrono::seconds time);
}
