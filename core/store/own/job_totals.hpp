#pragma once
#include "core/db/database.hpp"
#include "core/store/own/counters.hpp"

#include <array>
#include <string>

namespace cti::db {
class Params;
}

// How many jobs have ended, and how they fared: numbers that never fall, whatever is removed. A job carries
// its own; those of jobs that are gone are in cti.counters.
namespace cti::store {

// Seconds, of the histogram of waiting.
inline constexpr std::array k_job_wait_bounds{0.1, 1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 21600.0};

// Of all jobs that ever were: cti_jobs_finished_total{kind,result}, cti_job_retries_total{kind},
// cti_job_lease_expirations_total{kind} and cti_job_wait_seconds, whose buckets are not summed up.
Counters read_job_totals(db::Transaction& transaction);

// Removes jobs that have ended, and adds what they carried to cti.counters; the last thing before the commit.
// removal: a WITH whose `gone` are their rows. Returns how many there were.
long count_removed_jobs(db::Transaction& transaction, const std::string& removal, const db::Params& params);
}
