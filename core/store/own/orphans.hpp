#pragma once
#include "core/db/database.hpp"

namespace cti::store {

// Removes what cti remembers of sources and articles that are gone, in a small batch that goes on where the
// last one ended. Returns how many rows. Nothing is removed while public.sources is empty: that is a restore
// under way.
long remove_orphans(db::Transaction& transaction);
// The same for every run of `collect`: what belongs to sources that are gone, whose articles others may store
// now; and once an hour a batch of the rest, which is a walk through tables of the size of the articles.
void remove_urgent_orphans(db::Transaction& transaction);
}
