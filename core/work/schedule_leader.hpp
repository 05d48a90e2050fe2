#pragma once
#include "core/store/own/schedules.hpp"
#include "core/work/job_kind.hpp"

#include <chrono>
#include <set>
#include <span>
#include <string>

namespace cti::work {

// One of all workers turns the moments of plans into jobs: who holds the lease. It falls to another when the
// holder is silent for as long as the lease lasts. What makes a moment a job only once is the row of the plan
// itself, which is moved in the same transaction; the leader only spares the others the looking.
class ScheduleLeader {
public:
    // holder: the name of the worker.
    ScheduleLeader(std::string holder, std::span<const JobKind> kinds, std::chrono::seconds lease)
        : m_holder(std::move(holder)), m_kinds(kinds), m_lease(lease) {}

    // Leads on, or tries to; the leader adds a job for each plan whose moment has come. A moment that passed
    // while nobody led is caught up with once, however many there were.
    void turn(db::Transaction& transaction);
    void resign(db::Transaction& transaction); // another leads at once

private:
    void plan(db::Transaction& transaction, const store::Schedule& schedule, Time now, long term);
    void complain(const store::Schedule& schedule, const Error& error);

    const std::string m_holder;
    const std::span<const JobKind> m_kinds;
    const std::chrono::seconds m_lease;
    std::set<std::string> m_told; // plans that are no use, and were told of
};

// The job that a plan asks for: at most one of each plan waits or runs.
store::NewJob job_of(const store::Schedule& schedule, const JobKind& kind);
// Throws Error(usage) where the plan's time, kind or arguments are not understood; the moment after `now`.
Time check_plan(const store::Schedule& schedule, Time now, std::span<const JobKind> kinds = job_kinds());
}
