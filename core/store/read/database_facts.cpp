#include "core/store/read/database_facts.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

constexpr const char* k_is_ours = "(n.nspname = 'cti' OR (n.nspname = 'public' AND c.relname IN "
                                  "('sources', 'articles', 'source_checks', 'content_hashes')))";
constexpr const char* k_is_users =
    "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS "
    "(SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')";

std::string condition_of(Scope scope) {
    return scope == Scope::cti ? fmt::format("{} AND {}", k_is_users, k_is_ours) : std::string(k_is_users);
}

// The text of a row is what the checksum is made of, so everything that its spelling depends on is fixed.
void fix_spelling(db::Transaction& transaction) {
    run_script(transaction, "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; "
                            "SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3; "
                            "SET LOCAL bytea_output = 'hex'; SET LOCAL xmlbinary = 'base64'; "
                            "SET LOCAL row_security = off; SET LOCAL search_path = ''");
}

// The sum of the MD5 of each row's text, as two numbers of 64 bits: a sum does not depend on the order, which
// a restore changes, it counts equal rows, which XOR would not, and it is exact and grows by no memory. MD5
// and not hashtext(): that one is the server's own business and differs between versions. Nobody is kept from
// anything by it: that the files are ours, their SHA-256 says.
TableFacts read_table(db::Transaction& transaction, const std::string& name, const std::string& quoted) {
    const auto row = run(transaction, fmt::format(R"sql(
        SELECT count(*),
               coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || '/' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0)
        FROM (SELECT md5((r.*)::text) AS hash FROM ONLY {} AS r) AS hashes)sql",
                                                  quoted))[0];
    return {name, number<long>(row[0]), text(row[1])};
}

void read_tables(db::Transaction& transaction, Scope scope,
                 const std::function<void(const std::string&)>& on_table, DatabaseFacts& facts) {
    // What is unlogged is not kept in a backup.
    const auto tables = run(transaction, fmt::format(R"sql(
        SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname), c.relpersistence = 'u'
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {}
        ORDER BY 1)sql",
                                                     condition_of(scope)));
    for (const auto& row : tables) {
        const auto name = text(row[0]);
        if (on_table) on_table(name);
        facts.tables.push_back(flag(row[2]) ? TableFacts{name, 0, {}}
                                            : read_table(transaction, name, text(row[1])));
    }
}

void read_sequences(db::Transaction& transaction, Scope scope, DatabaseFacts& facts) {
    const auto sequences =
        run(transaction, fmt::format(R"sql(
        SELECT n.nspname || '.' || c.relname, coalesce(s.last_value, 0)
        FROM pg_catalog.pg_sequences s
        JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename
        WHERE s.increment_by > 0 AND {}
        ORDER BY 1)sql",
                                     // The sequences of the four tables have names of their own.
                                     scope == Scope::cti ? fmt::format("{} AND n.nspname = 'cti'", k_is_users)
                                                         : condition_of(scope)));
    for (const auto& row : sequences) facts.sequences.push_back({text(row[0]), number<long>(row[1])});
}

void count_keys(db::Transaction& transaction, Scope scope, DatabaseFacts& facts) {
    const auto row = run(transaction, fmt::format(R"sql(
        WITH known AS (
            SELECT c.oid
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND {})
        SELECT (SELECT count(*) FROM pg_catalog.pg_constraint WHERE conrelid IN (SELECT oid FROM known) AND contype = 'f' AND convalidated),
               (SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM known) AND indisvalid))sql",
                                                  condition_of(scope)))[0];
    facts.foreign_keys = number<long>(row[0]), facts.indexes = number<long>(row[1]);
}

void read_migrations(db::Transaction& transaction, DatabaseFacts& facts) {
    if (run(transaction, "SELECT to_regclass('cti.migrations')")[0][0].is_null()) return;
    for (const auto& row : run(transaction, "SELECT name FROM cti.migrations ORDER BY name"))
        facts.migrations.push_back(text(row[0]));
}
}

std::string export_snapshot(db::Transaction& transaction) {
    return text(run(transaction, "SELECT pg_catalog.pg_export_snapshot()")[0][0]);
}

DatabaseFacts read_database_facts(db::Transaction& transaction, Scope scope,
                                  const std::function<void(const std::string&)>& on_table) {
    DatabaseFacts facts;
    fix_spelling(transaction);
    const auto row = run(
        transaction, "SELECT current_database(), split_part(current_setting('server_version'), ' ', 1)")[0];
    facts.database = text(row[0]), facts.server_version = text(row[1]);
    read_migrations(transaction, facts);
    count_keys(transaction, scope, facts);
    // Before the tables: what is drawn later is only higher.
    read_sequences(transaction, scope, facts);
    read_tables(transaction, scope, on_table, facts);
    return facts;
}

LeftOut list_left_out(db::Transaction& transaction, Scope scope) {
    LeftOut out;
    if (scope == Scope::all) return out;
    for (const auto& row : run(transaction, fmt::format(R"sql(
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = 'public' AND {} AND NOT {})sql",
                                                        k_is_users, k_is_ours)))
        out.tables.push_back(text(row[0]));
    for (const auto& row : run(transaction, R"sql(
        SELECT quote_ident(nspname)
        FROM pg_catalog.pg_namespace
        WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public', 'cti'))sql"))
        out.schemas.push_back(text(row[0]));
    return out;
}
}
