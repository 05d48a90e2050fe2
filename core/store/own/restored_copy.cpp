#include "core/store/own/restored_copy.hpp"

#include "core/base/plural.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

struct Step {
    const char* table;
    const char* noun;
    const char* what;
    const char* sql;
};

constexpr Step k_steps[] = {
    {"cti.source_state", "lease", "of a source let go", R"sql(
        UPDATE cti.source_state
        SET lease_token = NULL, lease_owner = '', lease_until = NULL
        WHERE lease_token IS NOT NULL OR lease_until IS NOT NULL)sql"},
    {"cti.workers", "worker", "forgotten", "DELETE FROM cti.workers"},
    {"cti.leaders", "lead", "let go",
     "UPDATE cti.leaders SET holder = '', lease_until = '-infinity' WHERE lease_until > '-infinity'"},
    // Moments that passed since are the other database's. The columns came with the table of leaders.
    {"cti.leaders", "schedule", "planned anew", R"sql(
        UPDATE cti.schedules
        SET next_run_at = NULL, monitors_until = NULL
        WHERE kind IS NOT NULL AND (next_run_at IS NOT NULL OR monitors_until IS NOT NULL))sql"},
    // Who wants one of them asks for it again; whether it was done since, the copy cannot know.
    {"cti.jobs", "job", "that waited or ran cancelled", R"sql(
        WITH gone AS (DELETE FROM cti.jobs RETURNING *)
        INSERT INTO cti.finished_jobs (id, kind, arguments, unique_key, priority, state, attempts, max_attempts, worker, exit_code, error,
                                       result, created_by, created_at, started_at)
        SELECT id, kind, arguments, unique_key, priority, 'cancelled', attempts, max_attempts, worker, 0,
               'not done: the database was restored from a backup', '{}', created_by, created_at, started_at
        FROM gone)sql"},
    {"cti.notifications", "notification", "not sent", R"sql(
        UPDATE cti.notifications
        SET next_attempt_at = NULL, error = 'not sent: the database was restored from a backup'
        WHERE next_attempt_at IS NOT NULL)sql"},
    // They lie where the other database's exports were written.
    {"cti.export_cursors", "named export", "forgets its temporary files, and goes on where it was", R"sql(
        UPDATE cti.export_cursors
        SET made_files = '{}'
        WHERE made_files <> '{}')sql"},
};

bool has_table(db::Transaction& transaction, const char* name) {
    db::Params params;
    return !run(transaction, fmt::format("SELECT to_regclass({})", params.add(name)), params)[0][0].is_null();
}
}

std::vector<std::string> forget_work_in_hand(db::Transaction& transaction) {
    std::vector<std::string> done;
    for (const auto& step : k_steps) {
        if (!has_table(transaction, step.table)) continue;
        const auto rows = static_cast<long>(run(transaction, step.sql).affected_rows());
        if (rows > 0) done.push_back(fmt::format("{} {}", count_of(rows, step.noun), step.what));
    }
    return done;
}

std::vector<std::string> advance_sequences(db::Transaction& transaction) {
    std::vector<std::string> moved;
    const auto owned = run(transaction, R"sql(
        SELECT format('%I.%I', sn.nspname, s.relname), format('%I.%I', tn.nspname, t.relname), quote_ident(a.attname)
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
        JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
        JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))sql");
    for (const auto& row : owned) {
        db::Params params;
        const auto name = text(row[0]);
        const auto sequence = params.add(name);
        const auto rows = run(transaction,
                              fmt::format(R"sql(
            SELECT setval({}::text::regclass, highest)
            FROM (SELECT max({}) AS highest FROM {}) AS known
            WHERE highest > (SELECT last_value FROM {}))sql",
                                          sequence, text(row[2]), text(row[1]), name),
                              params);
        if (!rows.empty()) moved.push_back(name);
    }
    return moved;
}

// Without the warnings that a role who is no superuser gets for each table of the system.
void analyze_database(db::Transaction& transaction) {
    run_script(transaction, "SET LOCAL client_min_messages = 'error'; ANALYZE");
}
}
