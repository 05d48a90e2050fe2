#pragma once
#include "core/work/job_board.hpp"
#include "core/work/job_kind.hpp"

#include <span>

namespace cti::work {

// Does one job, and tells the board how it ended. Throws nothing.
// environment: of the process; its stop is the job's own while it runs.
void run_job(JobInHand& job, JobBoard& board, std::span<const JobKind> kinds, const WorkerTools& tools,
             const ops::Environment& environment);

// Between two tries: 10 s, 20 s, 40 s … up to six hours, a fifth more or less, so that jobs that failed
// together do not come back together. draw: 0 to 1.
std::chrono::seconds retry_pause(int attempt, double draw);
// At random, 0 to 1; by any thread.
double draw();
}
