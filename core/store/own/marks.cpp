#include "core/store/own/marks.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {

long read_mark(db::Transaction& transaction, const char* name) {
    const auto rows = run(transaction, fmt::format("SELECT value FROM cti.settings WHERE key = '{}'", name));
    return rows.empty() ? 0 : number<long>(rows[0][0]);
}

void keep_mark(db::Transaction& transaction, const char* name, long mark) {
    db::Params params;
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.settings (key, value)
        VALUES ('{}', {})
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now())sql",
                    name, params.add(mark)),
        params);
}
}
