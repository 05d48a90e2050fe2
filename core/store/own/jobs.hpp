#pragma once
#include "core/db/database.hpp"
#include "core/model/job.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

// The queue of work that somebody asked for: cti.jobs while it waits or runs, cti.finished_jobs after it. All
// moments are of the server's clock. A worker that holds a job has its token; whatever comes with an older
// token changes nothing. So a job may be run more than once, and what belongs to the transaction that
// finishes it happens once.
namespace cti::store {

struct NewJob {
    std::string kind = {}, arguments_json = "{}";
    std::string unique_key = {}; // "": none. While a job of this key waits or runs there is no second one.
    int priority = 0;            // higher ones first
    int max_attempts = 5;
    std::optional<Time> run_at = {}; // not before; nothing: now
    std::string created_by = {};
};
struct AddedJob {
    long id = 0;
    bool is_new = true; // false: the one that has the key already
};
// The job exists exactly when the transaction commits; workers that listen are told then.
AddedJob add_job(db::Transaction& transaction, const NewJob& job);
// Many at once, without unique keys.
void add_jobs(db::Transaction& transaction, std::span<const NewJob> jobs);
inline constexpr const char* k_jobs_channel = "cti_jobs"; // what listeners are told on

struct JobClaim {
    long id = 0, token = 0;
    std::string kind, arguments_json;
    int attempt = 1, max_attempts = 5;
    int priority = 0;
    Time run_at{};
};
// A place in the order in which jobs are claimed.
struct JobPlace {
    int priority = 0;
    Time run_at{};
    long id = 0;
};
struct JobClaimOptions {
    std::vector<std::string> kinds; // of those only
    int limit = 1;
    std::chrono::seconds lease{60};
    std::string worker; // host:pid
    // Only jobs that are more urgent, or of the same priority and behind this place. Rows that were claimed
    // and are gone stand at the beginning of the order until vacuum has removed them; while a long
    // transaction keeps it from that, a claim that begins here need not pass them all.
    std::optional<JobPlace> after = {};
};
// The most urgent that are ready, each for one caller alone. Commit soon: nothing is claimed before.
std::vector<JobClaim> claim_jobs(db::Transaction& transaction, const JobClaimOptions& options);

// Of what was claimed in a transaction whose commit got no answer: those that are held. None: it was rolled
// back. Waits for that transaction where the server is still at it.
std::vector<JobClaim> keep_held_jobs(db::Transaction& transaction, std::vector<JobClaim> claims);

// Whether a claim of these kinds would get anything. For a Transaction of the kind each_statement.
bool has_ready_job(db::Transaction& transaction, const std::vector<std::string>& kinds,
                   const std::optional<JobPlace>& after = {});

// How a run of a job ended.
struct JobEnd {
    long id = 0, token = 0;
    JobState state = JobState::done; // a finished one
    int exit_code = 0;
    std::string error, result_json = "{}";
};
// Returns the ids that were finished now; the others are somebody else's by now, or were finished before.
std::vector<long> finish_jobs(db::Transaction& transaction, std::span<const JobEnd> ends);

// Of what finish_jobs() returned in a transaction whose commit got no answer: what stands there as finished
// by `worker`.
std::vector<long> keep_finished_jobs(db::Transaction& transaction, const std::vector<long>& ids,
                                     std::string_view worker);

// Waits again, `in` from now; 0: at its old place. is_try: the attempt counts. False where it is somebody
// else's by now. A wish to cancel that came meanwhile is kept.
bool put_back_job(db::Transaction& transaction, long id, long token, std::chrono::seconds in,
                  const std::string& reason, bool is_try);

struct RenewedJobs {
    std::vector<long> lost;      // somebody else's by now, or ended by somebody
    std::vector<long> cancelled; // ours still, and not wanted any more
};
// Each lease ends `lease` from now; nothing: they stay as they are, and the answer is all that is wanted.
RenewedJobs renew_jobs(db::Transaction& transaction, std::span<const JobClaim> held,
                       std::optional<std::chrono::seconds> lease);

// Jobs whose worker has not been heard of until its lease had ended are ready again; dead where no try is
// left, cancelled where that was asked for. A batch of them, for which nobody waits.
struct ReapedJobs {
    long ready = 0, dead = 0, cancelled = 0;
};
ReapedJobs reap_jobs(db::Transaction& transaction);

enum class CancelResult { unknown, cancelled, requested, finished };
// One that waits is cancelled at once; one that runs by its worker, soon.
CancelResult cancel_job(db::Transaction& transaction, long id);
enum class RetryResult { unknown, ready, living, key_taken };
// One that has ended waits anew, with all its tries.
RetryResult retry_job(db::Transaction& transaction, long id);
// One that runs is ready again, whoever has it in hand: its worker's end is refused. False: it does not run.
bool release_job(db::Transaction& transaction, long id);

// A batch of those that have ended; dead and failed ones are kept for `keep_dead`.
long remove_old_jobs(db::Transaction& transaction, std::chrono::days keep, std::chrono::days keep_dead);

// A line of a job's own account. At most k_max_job_lines are kept, the newest.
void add_job_line(db::Transaction& transaction, long id, std::string_view line);
inline constexpr int k_max_job_lines = 200;
}
