#include "core/store/compression.hpp"

#include "core/store/sql.hpp"

namespace cti::store {

void compress_fast(db::Transaction& transaction) {
    run(transaction, R"sql(
        SELECT set_config('default_toast_compression', 'lz4', true)
        FROM pg_settings
        WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals))sql");
}
}
