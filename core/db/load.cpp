#include "core/db/load.hpp"

#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>

namespace cti::db {
Connections count_connections(Transaction& transaction) {
    const auto row = run(transaction, R"sql(
        SELECT count(*), count(*) FILTER (WHERE application_name LIKE 'cti %'),
               count(*) FILTER (WHERE application_name = 'cti monitor'),
               count(*) FILTER (WHERE application_name = 'cti serve'),
               current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        FROM pg_stat_activity
        WHERE backend_type = 'client backend')sql")[0];
    return {number<int>(row[0]), number<int>(row[1]), number<int>(row[2]), number<int>(row[3]),
            number<int>(row[4])};
}

namespace {
// The quoted schema of the extension. Its view fails where the library is not loaded, which only its settings
// tell to all roles.
std::string find_statistics_schema(Transaction& transaction) {
    for (const auto& row : run(transaction, R"sql(
        SELECT quote_ident(n.nspname)
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_stat_statements'
          AND EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max'))sql"))
        return text(row[0]);
    return {};
}
}

std::optional<SlowStatements> find_slow_statements(Transaction& transaction, double min_mean_ms) {
    const auto schema = find_statistics_schema(transaction);
    if (schema.empty()) return std::nullopt;
    Params params;
    const auto limit = params.add(fmt::format("{}", min_mean_ms));
    SlowStatements slow;
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT count(*) OVER (), calls, mean_exec_time, left(regexp_replace(query, '\s+', ' ', 'g'), 120)
        FROM {}.pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mean_exec_time > {}::float8
        ORDER BY total_exec_time DESC
        LIMIT 1)sql",
                                           schema, limit),
                               params))
        slow = {number<int>(row[0]), number<long>(row[1]), number<double>(row[2]), text(row[3])};
    return slow;
}
}
