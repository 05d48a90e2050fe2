#pragma once
#include "core/base/clock.hpp"
#include "core/model.hpp"
#include "core/store/own/counters.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/runs.hpp"
#include "core/store/read/overview.hpp"
#include "core/store/read/stats.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What the status server tells, as plain structs: every answer is made of these, and none asks the database.
namespace cti::monitor {

struct SourceStatus {
    Source source;
    std::optional<Time> next_check;
    std::string wait_reason, disabled_reason, last_error;
    long articles_24h = 0;
};

// Read from the database every 15 s; it outlives the database's absence.
struct FastStatus {
    SteadyTime read_at;
    Time server_time; // the server's clock at read_at: the times below are its own, and ages by ours would be
                      // wrong
    std::vector<SourceStatus> sources; // by identifier
    store::Counters counters;
    std::vector<store::RunRow> runs; // newest first
    std::vector<store::ScheduleRow> schedules;
    long living_leases = 0;
};

// Read as often as the fast, apart from them: a queue of millions takes longer to count.
struct JobStatus {
    SteadyTime read_at;
    store::JobCounts counts;
    std::vector<store::Worker> workers; // that were heard of in the last minute
};

// Read more seldom, as it costs more.
struct SlowStatus {
    SteadyTime read_at;
    store::Contents contents;
    std::optional<store::Stats> stats; // nothing: took too long
};

struct Snapshot {
    SteadyTime taken_at;
    std::optional<SteadyTime> database_seen_at; // when it answered last
    double response_s = 0;                      // of that answer
    std::string database_error;                 // of the last try; "" when it answered
    std::string schema_error;               // why the schema does not fit; "" when it does or is not known
    std::string schema_version;             // the last migration, "0003_monitor"
    std::shared_ptr<const FastStatus> fast; // empty until they were read once
    std::shared_ptr<const JobStatus> jobs;  // likewise
    std::shared_ptr<const store::Counters> job_totals; // likewise; see store::read_job_totals()
    std::shared_ptr<const SlowStatus> slow;            // likewise
};

// What the server's clock says at `now`, from what it said when the fast were read.
inline Time server_time_at(const FastStatus& fast, SteadyTime now) {
    return fast.server_time + (now - fast.read_at);
}

// What the loop says of itself, at this moment. Its dates are made when they are shown, so that they are true
// by the clock as it is set then.
struct LoopView {
    SteadyTime started_at, heartbeat;
    std::optional<SteadyTime> round_began;                 // a round is under way
    std::optional<SteadyTime> last_round, last_good_round; // ended
    std::optional<SteadyTime> next_round;
    std::string last_error;           // why the last round could not be done
    std::string schedule;             // "every 300 s", "0 */3 * * * (UTC)", "when a source is due"
    std::chrono::seconds period{300}; // between two rounds, about
    bool draining = false;
    bool collects = true;
};

// The dates of the loop's moments; whole seconds for what is planned, as both clocks are never read at once.
inline std::optional<Time> date_of(const std::optional<SteadyTime>& moment, const Instant& now) {
    return moment ? std::optional(now.date_of(*moment)) : std::nullopt;
}
inline std::optional<Time> next_round_of(const LoopView& loop, const Instant& now) {
    const auto date = date_of(loop.next_round, now);
    return date ? std::optional<Time>(std::chrono::round<std::chrono::seconds>(*date)) : std::nullopt;
}

struct ServerView {
    std::map<std::pair<std::string, int>, long> requests; // class of path, code
    long connections = 0;
};
}
