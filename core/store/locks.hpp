#pragma once
#include "core/store/database.hpp"

namespace cti::store {

// Writers of sources and articles take turns, so that "is it there already?" and "then insert it" are one
// step even where the unique indexes are gone. Held until the transaction ends, so it must be short.
void take_turn(Transaction& transaction);
}
