#include "core/db/diagnosis.hpp"

#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>

namespace cti::db {
Target find_target(std::string_view address) {
    const auto parsed = parse_address(address);
    auto values = effective_parameters(parsed);
    Target target;
    target.host = !values["host"].empty()       ? values["host"]
                  : !values["hostaddr"].empty() ? values["hostaddr"]
                                                : "/var/run/postgresql";
    target.user = values["user"];
    target.database = values["dbname"].empty() ? target.user : values["dbname"];
    target.ssl_mode = values["sslmode"];
    target.has_password = !values["password"].empty();
    // Several hosts are tried in turn; the first one is what is usually meant.
    target.host = target.host.substr(0, target.host.find(','));
    target.shown_host = parsed.is_host_doubtful ? "***" : target.host;
    target.port = values["port"].substr(0, values["port"].find(','));
    if (target.port.empty()) target.port = "5432";
    return target;
}

ServerFacts read_server(Transaction& transaction) {
    ServerFacts facts;
    const auto before = current_time();
    const auto row = run(transaction, fmt::format(R"sql(
        SELECT current_setting('server_version'), current_setting('server_version_num')::int, current_user, current_database(),
               pg_is_in_recovery(), {})sql",
                                                  read_moment("clock_timestamp()")))[0];
    const auto after = current_time();
    facts.version = text(row[0]);
    facts.version_number = number<int>(row[1]);
    facts.role = text(row[2]);
    facts.database = text(row[3]);
    facts.in_recovery = flag(row[4]);
    facts.clock_ahead = maybe_time(row[5]).value() - (before + (after - before) / 2);
    for (
        const auto& tls :
        run(transaction,
            "SELECT ssl, coalesce(version || ' ' || cipher, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
        facts.encrypted = flag(tls[0]);
        facts.cipher = text(tls[1]);
    }
    return facts;
}

std::vector<HeldSession> find_held_sessions(Transaction& transaction, std::chrono::seconds age) {
    Params params;
    const auto seconds = params.add(age.count());
    const auto sql = fmt::format(R"sql(
        SELECT a.pid, a.application_name, a.usename, coalesce(host(a.client_addr), 'this machine'), coalesce(a.state, 'hidden'),
               coalesce(extract(epoch FROM now() - a.xact_start), 0)::bigint, coalesce(l.name, ''), coalesce(w.count, 0)
        FROM pg_stat_activity a
        LEFT JOIN LATERAL (
            SELECT l.relation::regclass::text AS name
            FROM pg_locks l
            WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
              AND l.relation IN (SELECT c.oid FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace <> 'pg_catalog'::regnamespace)
            ORDER BY name
            LIMIT 1) AS l ON true
        LEFT JOIN LATERAL (
            SELECT count(*)::int AS count
            FROM pg_stat_activity w
            WHERE w.wait_event_type = 'Lock' AND a.pid = ANY (pg_blocking_pids(w.pid))
              AND coalesce(w.query_start < now() - make_interval(secs => {0}::float8), true)) AS w ON true
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
          AND (w.count > 0
               OR a.xact_start < now() - make_interval(secs => {0}::float8)
                  AND (l.name IS NOT NULL OR a.state LIKE 'idle in transaction%' AND a.state_change < now() - make_interval(secs => {0}::float8)))
        ORDER BY w.count DESC, a.xact_start)sql",
                                 seconds);
    std::vector<HeldSession> sessions;
    for (const auto& row : run(transaction, sql, params))
        sessions.push_back({number<int>(row[0]), text(row[1]), text(row[2]), text(row[3]), text(row[4]),
                            std::chrono::seconds(number<long>(row[5])), text(row[6]), number<int>(row[7])});
    return sessions;
}

namespace {
void add_old_sessions(Transaction& transaction, const std::string& age, const Params& params,
                      std::vector<VacuumHolder>& holders) {
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT pid, application_name, coalesce(usename, ''), state, extract(epoch FROM now() - xact_start)::bigint,
               greatest(age(backend_xmin), age(backend_xid), 0)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
          AND xact_start < now() - make_interval(secs => {}::float8)
        ORDER BY xact_start
        LIMIT 20)sql",
                                           age),
                               params))
        holders.push_back({"session " + text(row[0]),
                           fmt::format("'{}' of role '{}' ({})", text(row[1]), text(row[2]), text(row[3])),
                           std::chrono::seconds(number<long>(row[4])), number<long>(row[5]),
                           fmt::format("Let its program end it; else, as its role or a superuser: SELECT "
                                       "pg_terminate_backend({}).",
                                       text(row[0]))});
}

void add_prepared(Transaction& transaction, const std::string& age, const Params& params,
                  std::vector<VacuumHolder>& holders) {
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT gid, owner, extract(epoch FROM now() - prepared)::bigint, age(transaction), quote_literal(gid)
        FROM pg_prepared_xacts
        WHERE database = current_database() AND prepared < now() - make_interval(secs => {}::float8)
        ORDER BY prepared
        LIMIT 20)sql",
                                           age),
                               params))
        holders.push_back({fmt::format("prepared transaction '{}'", text(row[0])),
                           fmt::format("of role '{}'", text(row[1])),
                           std::chrono::seconds(number<long>(row[2])), number<long>(row[3]),
                           fmt::format("Commit it or take it back: ROLLBACK PREPARED {}.", text(row[4]))});
}

void add_slots(Transaction& transaction, std::vector<VacuumHolder>& holders) {
    for (const auto& row : run(transaction, R"sql(
        SELECT slot_name, active, age(xmin), quote_literal(slot_name)
        FROM pg_replication_slots
        WHERE xmin IS NOT NULL AND (NOT active OR age(xmin) > 1000000)
        ORDER BY slot_name
        LIMIT 20)sql"))
        holders.push_back(
            {fmt::format("replication slot '{}'", text(row[0])),
             flag(row[1]) ? "which is far behind" : "which nobody reads from", std::nullopt,
             number<long>(row[2]),
             fmt::format("Start its replica, or remove it: SELECT pg_drop_replication_slot({}).",
                         text(row[3]))});
}
}

std::vector<VacuumHolder> find_vacuum_holders(Transaction& transaction, std::chrono::seconds age) {
    std::vector<VacuumHolder> holders;
    Params params;
    const auto seconds = params.add(age.count());
    add_old_sessions(transaction, seconds, params, holders);
    add_prepared(transaction, seconds, params, holders);
    add_slots(transaction, holders);
    return holders;
}

std::vector<std::pair<std::string, std::string>> read_limits(Transaction& transaction) {
    std::vector<std::pair<std::string, std::string>> limits;
    for (const auto& row : run(transaction, R"sql(
        SELECT name, current_setting(name)
        FROM pg_settings
        WHERE name IN ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval')
        ORDER BY name)sql"))
        limits.emplace_back(text(row[0]), text(row[1]));
    return limits;
}

std::vector<std::string> missing_rights(Transaction& transaction) {
    std::vector<std::string> missing;
    for (const auto& row : run(transaction, R"sql(
        SELECT n.right_name || ' on ' || n.table_name
        FROM (VALUES ('public.sources', 'SELECT'), ('public.sources', 'UPDATE'), ('public.articles', 'SELECT'), ('public.articles', 'INSERT'),
                     ('public.articles', 'UPDATE'), ('public.source_checks', 'SELECT'), ('public.source_checks', 'INSERT'),
                     ('public.content_hashes', 'INSERT'), ('cti.source_state', 'SELECT'), ('cti.source_state', 'INSERT'),
                     ('cti.source_state', 'UPDATE'), ('cti.seen_entries', 'INSERT'), ('cti.seen_entries', 'UPDATE'),
                     ('cti.counters', 'INSERT'), ('cti.counters', 'UPDATE'), ('cti.article_keys', 'INSERT'), ('cti.article_keys', 'DELETE'), ('cti.runs', 'INSERT'), ('cti.schedules', 'UPDATE'))
             AS n (table_name, right_name)
        WHERE to_regclass(n.table_name) IS NOT NULL AND NOT has_table_privilege(n.table_name, n.right_name)
        ORDER BY 1)sql"))
        missing.push_back(text(row[0]));
    return missing;
}
}
