#include "core/db/databases.hpp"

#include "core/base/text.hpp"
#include "core/db/columns.hpp"
#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>
#include <random>

namespace cti::db {
namespace {
constexpr int k_scratch_limit = 97; // connections
constexpr const char* k_scratch_begin = "cti_scratch_";

std::string text_of(Transaction& transaction, const std::string& sql) {
    return text(run(transaction, sql)[0][0]);
}

void run_each(Transaction& transaction, const pqxx::result& statements) {
    for (const auto& row : statements) run_script(transaction, text(row[0]));
}

// What belongs to the database and not to what is in it, as statements for another one.
pqxx::result settings_of(Transaction& transaction, const std::string& live, const std::string& fresh) {
    Params params;
    const auto from = params.add(live), to = params.add(fresh);
    return run(transaction,
               fmt::format(R"sql(
        WITH live AS (SELECT * FROM pg_catalog.pg_database WHERE datname = {0}::text),
        settings AS (
            SELECT split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value
            FROM live
            JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = live.oid AND s.setrole = 0
            CROSS JOIN LATERAL unnest(s.setconfig) AS entry)
        SELECT format('ALTER DATABASE %I SET %I TO %s', {1}::text, name,
                      CASE WHEN name IN ('search_path', 'session_preload_libraries', 'local_preload_libraries', 'temp_tablespaces')
                           THEN value ELSE quote_literal(value) END)
        FROM settings
        UNION ALL
        SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {1}::text) FROM live WHERE datacl IS NOT NULL
        UNION ALL
        SELECT format('GRANT %s ON DATABASE %I TO %s', acl.privilege_type, {1}::text,
                      CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)) END)
        FROM live CROSS JOIN LATERAL aclexplode(datacl) AS acl
        UNION ALL
        SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', {1}::text, datconnlimit) FROM live
        UNION ALL
        SELECT format('ALTER DATABASE %I OWNER TO %I', {1}::text, pg_catalog.pg_get_userbyid(live.datdba))
        FROM live JOIN pg_catalog.pg_database fresh ON fresh.datname = {1}::text
        WHERE live.datdba <> fresh.datdba)sql",
                           from, to),
               params);
}
}

std::vector<OtherSession> other_sessions(Transaction& transaction) {
    std::vector<OtherSession> sessions;
    for (const auto& row : run(transaction, R"sql(
        SELECT pid, usename, application_name, coalesce(host(client_addr), 'this machine')
        FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        ORDER BY pid)sql"))
        sessions.push_back({number<int>(row[0]), text(row[1]), text(row[2]), text(row[3])});
    return sessions;
}

std::string current_database(Transaction& transaction) {
    return text_of(transaction, "SELECT current_database()");
}

bool is_empty_database(Transaction& transaction) {
    return run(transaction, R"sql(
        SELECT 1
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        LIMIT 1)sql")
        .empty();
}

bool may_create_databases(Transaction& transaction) {
    return flag(
        run(transaction,
            "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")[0][0]);
}

bool is_superuser(Transaction& transaction) {
    return text_of(transaction, "SELECT current_setting('is_superuser')") == "on";
}

std::string local_data_directory(Transaction& transaction) {
    return text_of(transaction, R"sql(
        SELECT CASE WHEN inet_server_addr() IS NULL AND pg_has_role('pg_read_all_settings', 'USAGE')
                    THEN current_setting('data_directory') ELSE '' END)sql");
}

std::string create_scratch_database(Database& database, const std::string& like, Time now) {
    std::string locale;
    {
        Transaction transaction(database, Access::read_only);
        // The columns of a locale that is ICU's have come one by one since 15.
        Params params;
        const auto name = params.add(like);
        locale = text(run(transaction,
                          fmt::format(R"sql(
            SELECT format('LC_COLLATE %L LC_CTYPE %L', datcollate, datctype)
                   || CASE row ->> 'datlocprovider' WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(row ->> 'datlocale', row ->> 'daticulocale')) ELSE '' END
            FROM (SELECT datcollate, datctype, to_jsonb(d) AS row FROM pg_catalog.pg_database d WHERE datname = {}::text) AS known)sql",
                                      name),
                          params)[0][0]);
    }
    std::string stamp;
    for (const char c : format_rfc3339(now))
        if (is_ascii_digit(c)) stamp += c;
    auto name = fmt::format("{}{}_{:08x}", k_scratch_begin, stamp, std::random_device{}());
    run_alone(database,
              fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {} CONNECTION LIMIT {}",
                          quoted_name(name), locale, k_scratch_limit));
    return name;
}

void drop_database(Database& database, const std::string& name) {
    run_alone(database, fmt::format("DROP DATABASE IF EXISTS {}", quoted_name(name)));
}

std::vector<std::string> drop_scratch_leftovers(Database& database, Time now) {
    std::vector<std::string> names;
    {
        std::string stamp;
        for (const char c : format_rfc3339(now - std::chrono::minutes(2)))
            if (is_ascii_digit(c)) stamp += c;
        Params params;
        const auto begin = params.add(k_scratch_begin), limit = params.add(k_scratch_limit),
                   before = params.add(stamp);
        Transaction transaction(database, Access::read_only);
        for (const auto& row : run(transaction,
                                   fmt::format(R"sql(
            SELECT datname
            FROM pg_catalog.pg_database d
            WHERE datname ~ ('^' || {}::text || '[0-9]{{14}}_[0-9a-f]{{8}}$') AND datconnlimit = {}::integer
              AND split_part(datname, '_', 3) < {}::text AND pg_catalog.pg_has_role(datdba, 'USAGE')
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid))sql",
                                               begin, limit, before),
                                   params))
            names.push_back(text(row[0]));
    }
    for (const auto& name : names) drop_database(database, name);
    return names;
}

void swap_databases(Database& database, const std::string& live, const std::string& fresh,
                    const std::string& old_name) {
    Transaction transaction(database);
    try {
        run_each(transaction, settings_of(transaction, live, fresh));
        run_script(transaction,
                   fmt::format("ALTER DATABASE {} RENAME TO {}", quoted_name(live), quoted_name(old_name)));
        run_script(transaction,
                   fmt::format("ALTER DATABASE {} RENAME TO {}", quoted_name(fresh), quoted_name(live)));
        transaction.commit();
    } catch (const SqlError& error) {
        if (error.sqlstate() != "55006") throw;
        throw Error{ExitCode::locked,
                    fmt::format("somebody is connected to the database '{}'", printable(live)),
                    "Stop what uses it, and restore again; it was left as it is."};
    }
}
}
