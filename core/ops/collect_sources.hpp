#pragma once
#include "core/collect/collect.hpp"
#include "core/ops/environment.hpp"
#include "core/ops/fetch.hpp"
#include "core/ops/intelligence_files.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Collecting, by name, by force or what is due, once.
namespace cti::ops {

// How sources are asked and their texts read: the same for one run and for the rounds of a monitor.
struct CollectSettings {
    int jobs = 20;   // sources at the same time
    int workers = 0; // threads that read texts; 0: as many as there are cores, at most eight
    FetchOptions fetch;
    int per_host = 2;                 // connections to one host at the same time
    double host_delay_s = 0;          // between two requests to one host, at least
    bool no_pages = false;            // keep to what feeds say
    std::string proxy;                // "" is the environment's
    std::string secrets_file;         // what fetch.auth of sources names; "": none
    std::string title_filter = "own"; // "service": the web service's own words for titles count too
    int lease_s = 120;                // after it, the sources of a run that died are taken over
    IntelligenceFiles intelligence;
};

struct CollectOptions {
    CollectSettings settings;
    std::vector<std::string> sources; // these, whatever their schedule; empty: those that are due
    std::string query;                // of these, or of all active ones: those that has_words() of it
    bool force = false;               // else all active ones, due or not
    bool dry_run = false;
    std::string index = "later";  // "now": `search` need not read the new articles themselves
    bool restore_deleted = false; // articles that somebody has deleted come back
    int max_new = 0;              // articles of each source, the others come the next time; 0: no bound
    std::string max_time;         // begin no more sources after it: "90s", "10m"; "" has no end
};

// Who looks on. All functions may be empty, and are called in the thread of the caller.
struct CollectObserver {
    std::function<void(std::size_t sources)> on_begin; // how many are to be asked; 0: none is due
    std::function<void(const collect::Outcome&)> on_result;
    std::function<void(const collect::Progress&)> on_progress; // several times a second
    ThreadBoard* threads = nullptr;                            // where the threads say what they do
};

// Whether each word stands in the source's identifier, name or one of its addresses, in either case.
bool has_words(const Source& source, std::string_view words);

// Throws Error(usage) for a source that is not there and for words that no source has, Error(database) when
// the database goes away for long; what was committed stays. A stop leaves the rest for the next run.
collect::Report collect_sources(const Environment& environment, const CollectOptions& options,
                                const CollectObserver& observer = {});

// What one source would give, with the reasons of everything; nothing is stored.
struct TestSourceOptions {
    CollectSettings settings;
    std::string identifier;
    bool ignore_known = false; // entries too that are stored already
};
// Nothing where it was stopped.
std::optional<collect::Outcome> test_source(const Environment& environment, const TestSourceOptions& options,
                                            const CollectObserver& observer = {});

// For those who bring their own connection, and the file of secrets. intelligence: what looks through the
// texts; none: nothing does.
collect::Options to_collect_options(const CollectSettings& settings,
                                    std::shared_ptr<const pipeline::Intelligence> intelligence,
                                    const std::atomic<int>* stop);
// Names the run, in the database and in each line of the log.
collect::Report run_collection(db::Database& database, const db::Schema& schema, collect::Options options,
                               const CollectObserver& observer, Time now);
}
