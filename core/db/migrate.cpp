#include "core/db/migrate.hpp"

#include "core/base/text.hpp"
#include "core/db/database_faults.hpp"
#include "core/db/own_indexes.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/db/schema_check.hpp"
#include "core/db/time_base.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace cti::db {
namespace {

constexpr const char* k_lock_set_up =
    "SELECT pg_advisory_xact_lock(6582889001)"; // any number that nobody else uses

// web_schema.sql in parts, one for each table.
struct Part {
    std::string table, sql;
};
std::vector<Part> web_schema_parts() {
    constexpr std::string_view mark = "-- table: ";
    std::vector<Part> parts;
    for (const auto line : split(web_schema_sql(), '\n')) {
        if (line.rfind(mark, 0) == 0)
            parts.push_back({std::string(trim(line.substr(mark.size()))), {}});
        else if (!parts.empty())
            parts.back().sql.append(line).append(1, '\n');
    }
    return parts;
}

bool web_table_exists(Transaction& transaction, const std::string& name) {
    Params params;
    const auto sql = fmt::format(R"sql(
        SELECT 1
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relname = {})sql",
                                 params.add(name));
    return !run(transaction, sql, params).empty();
}

struct Rights {
    std::string role, database; // quoted
    bool create_schema = false, create_in_public = false, create_in_cti = false;
    bool cti_exists = false;
};
Rights read_rights(Transaction& transaction) {
    const auto row = run(transaction, R"sql(
        SELECT quote_ident(current_user), quote_ident(current_database()),
               has_database_privilege(current_database(), 'CREATE'),
               coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = 'public'), false),
               coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = 'cti'), false),
               EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'cti'))sql")[0];
    return {text(row[0]), text(row[1]), flag(row[2]), flag(row[3]), flag(row[4]), flag(row[5])};
}

// Asks for everything that is missing at once, before anything is tried.
void require_rights(const Rights& rights, bool needs_public, bool needs_cti) {
    std::vector<std::string> missing, grants;
    if (needs_public && !rights.create_in_public) {
        missing.emplace_back("create tables in the schema public");
        grants.push_back(fmt::format("GRANT CREATE ON SCHEMA public TO {};", rights.role));
    }
    if (needs_cti && rights.cti_exists && !rights.create_in_cti) {
        missing.emplace_back("create tables in the schema cti");
        grants.push_back(fmt::format("GRANT USAGE, CREATE ON SCHEMA cti TO {};", rights.role));
    }
    if (needs_cti && !rights.cti_exists && !rights.create_schema) {
        missing.emplace_back("create a schema");
        grants.push_back(fmt::format("GRANT CREATE ON DATABASE {} TO {};", rights.database, rights.role));
    }
    if (missing.empty()) return;
    throw Error(ExitCode::database,
                fmt::format("the role {} may not {} in the database {}", rights.role, join(missing, " and "),
                            rights.database),
                fmt::format("Let the owner of the database run: {}", join(grants, " ")));
}

// All of the web service's tables where it has none; of an existing web service only what cti cannot do
// without.
std::vector<Part> missing_parts(Transaction& transaction, const WebTables& tables) {
    std::vector<Part> parts;
    for (auto& part : web_schema_parts()) {
        const bool is_needed =
            std::find(tables.missing.begin(), tables.missing.end(), part.table) != tables.missing.end();
        if (is_needed || (tables.present.empty() && !web_table_exists(transaction, part.table)))
            parts.push_back(std::move(part));
    }
    return parts;
}

void require_safe_to_complete(const WebTables& tables) {
    if (tables.present.empty() || tables.missing.empty()) return;
    const auto what = join(tables.missing, ", ");
    if (!tables.has("sources") || !tables.has("articles"))
        throw Error(
            ExitCode::schema,
            fmt::format("the database has only some of the web service's tables: public.{} without {}",
                        join(tables.present, ", "), what),
            "Restore the missing tables from a backup, or give cti a database of its own.");
    if (!tables.has_numbered_rows)
        throw Error(
            ExitCode::schema,
            fmt::format(
                "cannot create the missing table {}: public.sources or public.articles has lost its primary key",
                what),
            "Restore them first: ALTER TABLE public.sources ADD PRIMARY KEY (id); ALTER TABLE public.articles ADD PRIMARY KEY (id);");
}

std::vector<Migration> pending_migrations(Transaction& transaction, const Rights& rights) {
    const auto all = migrations();
    if (!cti_table_exists(transaction, "migrations")) {
        if (rights.cti_exists && cti_table_exists(transaction, "settings"))
            throw Error(
                ExitCode::schema,
                "the schema cti of this database belongs to something else: it has no table of migrations",
                "Give cti a database of its own, or rename that schema.");
        return {all.begin(), all.end()};
    }
    const auto applied = applied_migrations(transaction);
    require_known(applied);
    std::vector<Migration> pending;
    for (const auto& migration : all)
        if (std::find(applied.begin(), applied.end(), migration.name) == applied.end())
            pending.push_back(migration);
    return pending;
}

void apply(Transaction& transaction, const std::vector<Migration>& pending, const Rights& rights) {
    if (!rights.cti_exists) run_script(transaction, "CREATE SCHEMA cti");
    run_script(transaction, R"sql(
        CREATE TABLE IF NOT EXISTS cti.migrations (
            name text PRIMARY KEY,
            applied_at timestamptz NOT NULL DEFAULT now()
        ))sql");
    for (const auto& migration : pending) {
        run_script(transaction, migration.sql);
        Params params;
        const auto name = params.add(migration.name);
        run(transaction, fmt::format("INSERT INTO cti.migrations (name) VALUES ({})", name), params);
    }
}

// sql/roles.sql was run once, when a migration adds a table later: whoever has rights on the tables of the
// first migration gets the same on those that nobody has been given rights on yet. What was made of the
// articles' texts, and who has read which, is only for those who may read them.
void grant_on_new_tables(Transaction& transaction) {
    const auto rows = run(transaction, R"sql(
        SELECT DISTINCT format('GRANT %s ON cti.%I TO %s', acl.privilege_type, new.relname,
                               CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END)
        FROM pg_catalog.pg_class known
        CROSS JOIN LATERAL aclexplode(known.relacl) AS acl
        JOIN pg_catalog.pg_class new ON new.relnamespace = known.relnamespace AND new.relkind = 'r' AND new.relacl IS NULL
        WHERE known.oid = 'cti.source_state'::regclass AND acl.grantee <> known.relowner
          AND (new.relname NOT IN ('indicators', 'article_words', 'word_blocks', 'read_marks', 'analyses') OR acl.grantee = 0
               OR has_column_privilege(acl.grantee, 'public.articles', 'content', 'SELECT')))sql");
    for (const auto& row : rows) run_script(transaction, text(row[0]));
    // Who may insert there draws the numbers of new rows.
    const auto sequences = run(transaction, R"sql(
        SELECT format('GRANT USAGE ON SEQUENCE cti.%I TO %s', new.relname,
                      CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)) END)
        FROM pg_catalog.pg_class known
        CROSS JOIN LATERAL aclexplode(known.relacl) AS acl
        JOIN pg_catalog.pg_class new ON new.relnamespace = known.relnamespace AND new.relkind = 'S' AND new.relacl IS NULL
        WHERE known.oid = 'cti.source_state'::regclass AND acl.grantee <> known.relowner AND acl.privilege_type = 'INSERT')sql");
    for (const auto& row : sequences) run_script(transaction, text(row[0]));
}

void require_utf8(Transaction& transaction) {
    if (const auto fault = find_encoding_fault(transaction))
        throw Error(ExitCode::schema, fault->what, fault->remedy);
}

std::string require_zone(Transaction& transaction, const std::string& zone) {
    Params params;
    const auto found =
        run(transaction,
            fmt::format("SELECT name FROM pg_catalog.pg_timezone_names WHERE lower(name) = lower({})",
                        params.add(zone)),
            params);
    if (found.empty())
        throw Error(ExitCode::usage, fmt::format("'{}' is not a time zone that the database knows", zone),
                    "Give a name such as UTC or America/New_York.");
    return text(found[0][0]);
}

// The web service of 2025 writes UTC, that of 2026 the local time of its container, which its compose file
// gives the server as well. A check in the future of that clock shows that the two were set up differently.
std::string guess_zone(Transaction& transaction, const Schema& schema) {
    const auto type = schema.source_checks.columns.find("check_time")->second.type;
    if (schema.generation == Generation::web_2025 || is_made_by_cti(schema) ||
        type != "timestamp without time zone")
        return "UTC";
    if (std::getenv("PGTZ"))
        throw Error(ExitCode::usage, "PGTZ is set, which hides the database's own time zone",
                    "Unset PGTZ, or give the time zone explicitly.");
    const auto zone = text(run(transaction, "SELECT current_setting('TimeZone')")[0][0]);
    Params params;
    const auto is_ahead = fmt::format(R"sql(
        SELECT greatest((SELECT max(last_check) FROM public.sources), (SELECT max(check_time) FROM public.source_checks))
               > (now() AT TIME ZONE {}::text) + interval '5 minutes')sql",
                                      params.add(zone));
    return flag(run(transaction, is_ahead, params)[0][0]) ? "UTC" : zone;
}

void record_zone(Transaction& transaction, const std::string& given, const Schema& schema) {
    const auto known = run(transaction, "SELECT value FROM cti.settings WHERE key = 'time_base'");
    if (given.empty() && !known.empty()) return;
    const auto chosen = given.empty() ? guess_zone(transaction, schema) : require_zone(transaction, given);
    if (!known.empty()) change_zone(transaction, schema, text(known[0][0]), chosen);
    Params params;
    const auto zone = params.add(chosen);
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.settings (key, value)
        VALUES ('time_base', {})
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now())sql",
                    zone),
        params);
}
}

std::vector<std::string> web_table_names() {
    std::vector<std::string> names;
    for (auto& part : web_schema_parts()) names.push_back(std::move(part.table));
    return names;
}

bool is_made_by_cti(const Schema& schema) {
    const auto lookback = schema.sources.columns.find("lookback_days");
    return schema.generation == Generation::both && lookback != schema.sources.columns.end() &&
           lookback->second.has_default;
}

SetUpReport set_up(Database& database, const std::string& time_zone, bool dry_run,
                   const std::function<void(Transaction&)>& then,
                   const std::function<void(Transaction&)>& first) {
    SetUpReport report;
    Transaction transaction(database);
    run(transaction, k_lock_set_up);
    // The web service's own start-up waits after our locks: better to give up soon.
    run_script(transaction, "SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = 'warning'");
    if (first) first(transaction);

    require_utf8(transaction);
    auto tables = look_at_web_tables(transaction);
    require_fit(tables);
    require_safe_to_complete(tables);
    const auto rights = read_rights(transaction);
    const auto parts = missing_parts(transaction, tables);
    const auto pending = pending_migrations(transaction, rights);
    require_rights(rights, !parts.empty(), !pending.empty());

    for (const auto& part : parts) run_script(transaction, part.sql);
    report.web_tables_created = !parts.empty();
    if (!parts.empty()) tables = look_at_web_tables(transaction);
    // Before the migrations, as those may rely on a key.
    if (cti_table_exists(transaction, "migrations")) report.indexes_made = make_missing_indexes(transaction);
    if (!pending.empty()) {
        apply(transaction, pending, rights);
        grant_on_new_tables(transaction);
    }
    for (const auto& migration : pending) report.migrations.emplace_back(migration.name);
    record_zone(transaction, time_zone, tables.schema);
    if (then) then(transaction);
    if (!dry_run) transaction.commit();
    return report;
}
}
