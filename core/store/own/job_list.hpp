#pragma once
#include "core/db/database.hpp"
#include "core/model/job.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reading the queue, and who works.
namespace cti::store {

struct JobListOptions {
    std::vector<JobState> states;   // empty: all
    std::vector<std::string> kinds; // empty: all
    int limit = 50;
};
// Those that live first, the most urgent before the others; then those that have ended, newest first.
std::vector<Job> list_jobs(db::Transaction& transaction, const JobListOptions& options);
std::optional<Job> find_job(db::Transaction& transaction, long id);

struct JobLine {
    Time said_at;
    std::string line;
};
std::vector<JobLine> list_job_lines(db::Transaction& transaction, long id); // in their order

struct JobCounts {
    std::map<std::pair<std::string, JobState>, long>
        by_kind;                          // kind and state; those that ended in the last 24 h
    std::optional<double> oldest_ready_s; // how long the one that has been ready longest waits; nothing: none
};
// From then on it is told of: as the alert CtiQueueBacklog has it.
inline constexpr double k_long_wait_s = 900;
JobCounts count_jobs(db::Transaction& transaction);

struct Worker {
    std::string name; // host:pid
    std::string version;
    std::vector<std::string> kinds;
    int concurrency = 1;
    bool is_draining = false;
    Time started_at{}, heartbeat_at{};
    double silent_s = 0;    // by the server's clock
    std::vector<long> jobs; // that it has in hand
};
std::string_view state_of(const Worker& worker); // for people: "idle", "working", "draining"
// By name; those that nobody has heard of for `max_silence_s` are left out.
std::vector<Worker> list_workers(db::Transaction& transaction, double max_silence_s = 60);

// A sign of life of this worker. Rows of others that have been silent for an hour go.
void beat_worker(db::Transaction& transaction, const Worker& worker);
void remove_worker(db::Transaction& transaction, const std::string& name);
}
