#pragma once
#include "core/collect/backfill.hpp"
#include "core/ops/environment.hpp"
#include "core/ops/intelligence_files.hpp"

#include <functional>
#include <string>
#include <vector>

// Making what is missing of articles that are stored already.
namespace cti::ops {

struct BackfillOptions {
    IntelligenceFiles intelligence;
    std::vector<std::string> steps; // by their names; none: all, in the order of their table
    int batch = 200;                // articles in one transaction
    bool again = false;             // those too on which this version was run
};

// All functions may be empty. Each step begins, goes on, and ends, unless it was stopped before it began.
struct BackfillObserver {
    std::function<void(const pipeline::Step&)> on_begin;
    std::function<void(const pipeline::Step&, const collect::BackfillProgress&)> on_progress, on_end;
};

// What was done stays done when it is stopped; the next call goes on there. Throws Error(usage) for a step
// that is not there.
void backfill(const Environment& environment, const BackfillOptions& options,
              const BackfillObserver& observer = {});
}
