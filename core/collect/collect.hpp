#pragma once
#include "core/base/thread_board.hpp"
#include "core/collect/check.hpp"
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Collects many sources at once: the calling thread fetches, others (CheckWorkers) claim, parse, clean and
// store, each source in a transaction of its own. Any number of processes may do so at the same time: a
// source belongs to whoever holds its lease.
namespace cti::collect {

struct Progress {
    std::size_t done = 0, total = 0;
    long inserted = 0, documents = 0; // feeds, lists and pages that came
    std::int64_t bytes = 0;           // of them, as they came
    std::string slowest;              // identifier of the request that has been under way longest
};

// Which sources a run is about.
struct Selection {
    std::vector<Source> sources;   // as they looked at the start; a real run claims each before it is fetched
    bool any_due = false;          // instead: whatever is due now or becomes due meanwhile, each once
    std::chrono::seconds early{0}; // see store::ClaimOptions
    bool force = false;            // due or not, once a run
};

// How hosts are asked.
struct RequestOptions {
    int jobs = 20; // sources at the same time
    int connections_per_host = 2;
    std::chrono::milliseconds host_delay{0}; // between two requests, where the source does not ask for more
    int max_attempts = 3;
    bool allow_private = false;
    std::string user_agent, proxy;
    net::Limits limits;
    std::chrono::seconds page_time{600}; // for those of one source; what has not come is asked for next time
};

// Who has the sources in hand, and for how long.
struct LeaseOptions {
    std::string owner;             // "host:pid", for people
    std::chrono::seconds ttl{120}; // after it, what a dead run had in hand is taken over
};

// Who looks on. All functions may be empty.
struct RunObserver {
    std::function<void(const Outcome&)> on_result;    // in the calling thread, as they come
    std::function<void(const Progress&)> on_progress; // several times a second
    std::function<void()> pause;    // for tests: called by workers wherever another thread may come between
    ThreadBoard* threads = nullptr; // where the threads of the run say what they do
};

struct Options {
    Selection selection;
    RequestOptions requests;
    CheckOptions check;
    LeaseOptions lease;
    RunObserver observer;
    int workers = 2;                              // threads that look through texts and ask the database
    bool index_now = false;                       // its new articles too; else the next run does it
    std::string run_id;                           // of cti.runs; empty: not written down
    std::optional<std::chrono::seconds> max_time; // no new source is begun after it
    const std::atomic<int>* stop = nullptr;       // not 0: stop taking work, finish what is in hand
};

struct Report {
    Time started_at, finished_at;
    bool dry_run = false;
    std::vector<CheckResult> results; // by identifier; those that were not begun are not in it
    std::size_t not_begun = 0;        // left for the next run, because of a stop or of max_time
    std::size_t held_by_others = 0;   // another run had them, or did them meanwhile
    long pages = 0, pages_failed = 0; // of new articles, that were read and that could not be
    std::vector<int> inserted;        // ids of the articles that are new
    std::vector<Outcome> explained;   // with CheckOptions::explain
};

// "ok", "partial" (some sources failed), "failed" (every one), "locked" (all in the hands of others),
// "interrupted".
std::string_view outcome_of(const Report& report);

// Throws Error(database) when the database goes away for longer than its OutagePolicy waits; what was
// committed stays.
Report collect(db::Database& database, const db::Schema& schema, const Options& options, Time now);
}
