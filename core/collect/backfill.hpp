#pragma once
#include "core/collect/intelligence.hpp"
#include "core/db/schema.hpp"

#include <atomic>
#include <functional>

// Looking through articles that the web service or an earlier version of cti stored.
namespace cti::collect {

struct BackfillProgress {
    long read = 0, total = 0;
    std::int64_t bytes = 0;
};

struct BackfillOptions {
    int batch = 200;                        // articles in one transaction, and 8 MiB of text at most
    bool again = false;                     // those too that this version has read
    const std::atomic<int>* stop = nullptr; // not 0: end after the batch in hand
    std::function<void(const BackfillProgress&)> on_progress;
};

// Batch by batch, each in a transaction of its own, so that what was done stays done and the next call goes
// on there. public.articles is only read. Any number of processes may do it at the same time.
BackfillProgress backfill(db::Database& database, const db::Schema& schema, const Intelligence& intelligence,
                          const BackfillOptions& options);

// Brings the words of articles into the index of `search`: of all that have none there or whose text has
// changed since they were read (`options.again`: of all). Returns how many were read.
long index_search(db::Database& database, const db::Schema& schema, const BackfillOptions& options);
// The same for articles that came since this was done last, some thousands at most: what `collect` does
// behind each run.
void index_new_articles(db::Database& database, const db::Schema& schema, const std::atomic<int>* stop);
}
