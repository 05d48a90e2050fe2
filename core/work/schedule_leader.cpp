#include "core/work/schedule_leader.hpp"

#include "core/base/cron.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

namespace cti::work {
namespace {
constexpr const char* k_leader = "schedules";

void tell(const store::Schedule& schedule, const store::AddedJob& added) {
    if (added.is_new)
        log::notice("schedule '{}': job {}", printable(schedule.name), added.id);
    else
        log::notice("schedule '{}': job {} of before has not ended, so there is no second one",
                    printable(schedule.name), added.id);
}
}

store::NewJob job_of(const store::Schedule& schedule, const JobKind& kind) {
    store::NewJob job;
    job.kind = schedule.kind, job.arguments_json = schedule.arguments_json;
    job.unique_key = "schedule:" + schedule.name, job.created_by = "schedule " + schedule.name;
    job.priority = schedule.priority, job.max_attempts = kind.max_attempts;
    return job;
}

Time check_plan(const store::Schedule& schedule, Time now, std::span<const JobKind> kinds) {
    const auto* const kind = find_job_kind(schedule.kind, kinds);
    if (kind == nullptr)
        throw Error{ExitCode::usage, fmt::format("there is no kind of job '{}'", printable(schedule.kind)),
                    "A newer version may know it."};
    if (const auto fault = find_argument_fault(*kind, schedule.arguments_json); !fault.empty())
        throw Error{ExitCode::usage, fault};
    if (kind->check != nullptr) kind->check(Arguments(schedule.arguments_json));
    return Cron(schedule.cron, schedule.zone).next(now);
}

void ScheduleLeader::turn(db::Transaction& transaction) {
    const auto term = store::lead(transaction, k_leader, m_holder, m_lease);
    if (!term) return;
    const auto due = store::list_due_plans(transaction);
    for (const auto& schedule : due.plans) {
        try {
            plan(transaction, schedule, due.now, *term);
        } catch (const Error& error) {
            if (error.code() != ExitCode::usage) throw;
            complain(schedule, error);
        }
    }
}

void ScheduleLeader::plan(db::Transaction& transaction, const store::Schedule& schedule, Time now,
                          long term) {
    const auto next = check_plan(schedule, now, m_kinds);
    if (!store::move_plan(transaction, schedule, next, term) || !schedule.next_run_at) return;
    const auto added = store::add_job(transaction, job_of(schedule, *find_job_kind(schedule.kind, m_kinds)));
    if (added.is_new) store::record_job(transaction, schedule.name, added.id, schedule.next_run_at);
    tell(schedule, added);
}

// Once, and not each time that the leader looks.
void ScheduleLeader::complain(const store::Schedule& schedule, const Error& error) {
    if (m_told.insert(schedule.name + '\n' + schedule.cron + '\n' + schedule.zone).second)
        log::warning("schedule '{}' is left out: {}", printable(schedule.name), error.what());
}

void ScheduleLeader::resign(db::Transaction& transaction) { store::resign(transaction, k_leader, m_holder); }
}
