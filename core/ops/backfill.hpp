#pragma once
#include "core/collect/backfill.hpp"
#include "core/ops/environment.hpp"
#include "core/ops/intelligence_files.hpp"

#include <functional>

// Catching up with articles that were stored without indicators, or without words in the search index.
namespace cti::ops {

struct BackfillOptions {
    IntelligenceFiles intelligence;
    int batch = 200;    // articles in one transaction
    bool again = false; // those too that this version has read
};

// All functions may be empty.
struct BackfillObserver {
    std::function<void()> on_begin; // connected, and about to read
    std::function<void(const collect::BackfillProgress&)> on_progress;
    std::function<void(const collect::BackfillProgress&)> on_read; // once: all are read; the index is next
    std::function<void(long articles)> on_index_progress;
};

struct BackfillResult {
    collect::BackfillProgress read;
    long indexed = 0;
};

// What was done stays done when it is stopped; the next call goes on there.
BackfillResult backfill(const Environment& environment, const BackfillOptions& options,
                        const BackfillObserver& observer = {});
}
