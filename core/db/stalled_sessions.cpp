#include "core/db/stalled_sessions.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>

namespace cti::db {

// Only a session that has written or locked has a transaction id, so that an export into a slow pipe is none.
// They are found first and ended then: among the conditions, the server would end sessions before it has
// looked at the rest.
int end_stalled_sessions(Transaction& transaction, std::chrono::milliseconds stalled_for) {
    Params params;
    const auto seconds = params.add(std::chrono::duration<double>(stalled_for).count());
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        WITH stalled AS MATERIALIZED (
            SELECT pid, application_name
            FROM pg_catalog.pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
              AND application_name ~ '^cti( |$)' AND backend_xid IS NOT NULL
              AND state = 'active' AND wait_event_type = 'Client'
              AND state_change < clock_timestamp() - make_interval(secs => {}::float8)
        )
        SELECT pid, application_name, pg_terminate_backend(pid) FROM stalled)sql",
                                      seconds),
                          params);
    for (const auto& row : rows)
        log::warning("session {} ('{}') was ended: its process stood still while it held locks",
                     number<int>(row[0]), printable(text(row[1])));
    return static_cast<int>(rows.size());
}
}
