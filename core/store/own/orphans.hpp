#pragma once
#include "core/db/database.hpp"

namespace cti::store {

// Removes what cti remembers of sources and articles that are gone, in a small batch that goes on where the
// last one ended. Returns how many rows. Nothing is removed while public.sources is empty: that is a restore
// under way.
long remove_orphans(db::Transaction& transaction);
}
