#pragma once
#include "core/base/thread_board.hpp"
#include "core/collect/check.hpp"
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"

#include <atomic>
#include <chrono>
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
    long inserted = 0;
    std::string slowest; // identifier of the request that has been under way longest
};

struct Options {
    std::vector<Source> sources; // those to be collected, as they looked at the start; a real run claims each
                                 // before it is fetched
    bool any_due =
        false; // instead of `sources`: whatever is due now or becomes due while the run lasts, each once
    std::chrono::seconds early{0}; // see store::ClaimOptions
    bool force = false;            // due or not, once a run
    int jobs = 20;
    int workers = 2; // threads that look through texts and ask the database
    int connections_per_host = 2;
    std::chrono::milliseconds host_delay{
        0}; // between two requests to one host, where the source does not ask for more
    int max_attempts = 3;
    bool dry_run = false, allow_private = false;
    bool pages = false; // ask for the pages of new entries whose text is not the whole
    std::chrono::seconds page_time{
        600}; // for those of one source; what has not come by then is asked for next time
    bool explain = false, ignore_known = false; // see CheckOptions
    bool has_service_titles = false;            // see CheckOptions
    std::span<const source::Kind> kinds = source::kinds();
    std::string user_agent, proxy;
    net::Limits limits;
    std::chrono::seconds lease_ttl{120}; // after it, what a dead run had in hand is taken over
    std::shared_ptr<const pipeline::Intelligence>
        intelligence;   // what looks through the texts; none: some steps are left out
    std::string owner;  // "host:pid", for people
    std::string run_id; // of cti.runs; empty: not written down
    std::optional<std::chrono::seconds> max_time;      // no new source is begun after it
    const std::atomic<int>* stop = nullptr;            // not 0: stop taking work, finish what is in hand
    std::function<void(const CheckResult&)> on_result; // in the calling thread, as they come
    std::function<void(const Progress&)> on_progress;  // several times a second
    std::function<void()> pause;    // for tests: called by workers wherever another thread may come between
    ThreadBoard* threads = nullptr; // where the threads of the run say what they do
};

struct Report {
    Time started_at, finished_at;
    bool dry_run = false;
    std::vector<CheckResult> results; // by identifier; those that were not begun are not in it
    std::size_t not_begun = 0;        // left for the next run, because of a stop or of max_time
    std::size_t held_by_others = 0;   // another run had them, or did them meanwhile
    long pages = 0, pages_failed = 0; // of new articles, that were read and that could not be
    std::vector<Outcome> explained;   // with Options::explain
};

// "ok", "partial" (some sources failed), "failed" (every one), "locked" (all in the hands of others),
// "interrupted".
std::string_view outcome_of(const Report& report);

// Throws Error(database) when the database goes away for longer than its OutagePolicy waits; what was
// committed stays.
Report collect(db::Database& database, const db::Schema& schema, const Options& options, Time now);
}
