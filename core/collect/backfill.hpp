#pragma once
#include "core/db/schema.hpp"
#include "core/pipeline/intelligence.hpp"
#include "core/pipeline/step.hpp"

#include <atomic>
#include <functional>
#include <limits>

// Running steps on articles that are stored already: by the web service, by an earlier version of cti, or
// with a text that has changed since.
namespace cti::collect {

struct BackfillProgress {
    long done = 0, total = 0; // articles
    std::int64_t bytes = 0;   // of text
};

struct BackfillOptions {
    int batch = 200;                        // articles in one transaction, and 8 MiB of text at most
    bool again = false;                     // those too on which this version was run
    const std::atomic<int>* stop = nullptr; // not 0: end after the batch in hand
    std::function<void(const BackfillProgress&)> on_progress;
};

// Runs one step on all articles for which it is pending: batch by batch, each in a transaction of its own, so
// that what was done stays done and the next call goes on there. Any number of processes may do it at the
// same time.
BackfillProgress backfill(db::Database& database, const db::Schema& schema, const pipeline::Step& step,
                          const pipeline::StepTools& tools, const BackfillOptions& options);

// The same for articles that came since this was done last, about `max_articles` at most: what `collect` does
// beside each run, with steps that need no tools.
void catch_up(db::Database& database, const db::Schema& schema, const pipeline::Step& step,
              const std::atomic<int>* stop, long max_articles = std::numeric_limits<long>::max());

// What is noted of an article on which this step was run.
StepDone done_by(const pipeline::Step& step);
}
