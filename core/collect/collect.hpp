#pragma once
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/store/schema.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Collects many sources at once: the calling thread fetches, one other parses, cleans and stores, each source in a transaction of
// its own. No transaction waits for the network, and no server can hold up the database.
namespace cti::collect {

struct Progress {
    std::size_t done = 0, total = 0;
    long inserted = 0;
    std::string slowest; // identifier of the request that has been under way longest
};

struct Options {
    std::vector<Source> sources;
    int jobs = 20;
    bool dry_run = false, allow_private = false;
    std::string user_agent;
    net::Limits limits;
    std::optional<std::chrono::seconds> max_time;      // no new source is begun after it
    const std::atomic<int>* stop = nullptr;            // not 0: stop taking work, finish what is in hand
    std::function<void(const CheckResult&)> on_result; // in the calling thread, as they come
    std::function<void(const Progress&)> on_progress;  // several times a second
};

struct Report {
    Time started_at, finished_at;
    bool dry_run = false;
    std::vector<CheckResult> results; // in the order of Options::sources; those that were not begun are not in it
    std::size_t not_begun = 0;
};

// Throws Error(database) when the database goes away for longer than the retries last; what was committed stays.
Report collect(store::Database& database, const store::Schema& schema, const Options& options, Time now);
}
