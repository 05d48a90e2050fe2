#pragma once
#include "core/db/database.hpp"

namespace cti::store {

// For the rest of the transaction. Half of what PostgreSQL spends on an article, and more on a block of the
// search index, goes into compressing it. LZ4 is several times as fast as the default and says so in each
// value, so that everybody reads it as before. Only where the server has it (14 and later).
void compress_fast(db::Transaction& transaction);
}
