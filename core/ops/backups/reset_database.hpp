#pragma once
#include "core/db/reset.hpp"

namespace cti::ops {

struct ResetOptions {
    std::string confirm; // the name of the database
    bool dry_run = false;
};

// In the caller's transaction, which makes everything anew after it. Throws Error(usage) where the name is
// not that of the database (a dry run needs none), Error(locked) where others are at work in it, and
// Error(schema) where it holds what cti did not make: nothing is dropped then.
db::OwnContents reset_database(db::Transaction& transaction, const ResetOptions& options);
}
