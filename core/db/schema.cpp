#include "core/db/schema.hpp"

#include "core/db/migrate.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/db/schema_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>

namespace cti::db {
namespace {

constexpr std::string_view k_table_names[] = {"sources", "articles", "source_checks", "content_hashes"};

Table& table_of(Schema& schema, std::string_view name) {
    if (name == "sources") return schema.sources;
    if (name == "articles") return schema.articles;
    if (name == "source_checks") return schema.source_checks;
    return schema.content_hashes;
}

void read_columns(Transaction& transaction, WebTables& tables) {
    // pg_catalog and not information_schema: that one hides columns on which the role has no rights.
    const auto rows = run(transaction, R"sql(
        SELECT c.relname, c.relkind IN ('r', 'p'), a.attname, format_type(a.atttypid, NULL), a.attnotnull,
               a.atthasdef OR a.attidentity <> ''
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relname IN ('sources', 'articles', 'source_checks', 'content_hashes')
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))sql");
    for (const auto& row : rows) {
        if (!flag(row[1]))
            throw Error(ExitCode::schema,
                        fmt::format("public.{} of this database is not a table", view(row[0])),
                        "Give cti a database of its own, or that of the web service.");
        table_of(tables.schema, view(row[0])).columns[text(row[2])] = {text(row[3]), !flag(row[4]),
                                                                       flag(row[5])};
    }
    for (const auto name : k_table_names)
        (table_of(tables.schema, name).columns.empty() ? tables.missing : tables.present).emplace_back(name);
}

// Real databases have lost indexes in restores, and the names vary: what counts is what an index enforces.
void read_unique_indexes(Transaction& transaction, WebTables& tables) {
    const auto rows = run(transaction, R"sql(
        SELECT DISTINCT c.relname, a.attname
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indnkeyatts = 1
          AND (c.relname, a.attname) IN (('sources', 'id'), ('sources', 'identifier'), ('articles', 'id'), ('articles', 'content_hash')))sql");
    int numbered = 0;
    for (const auto& row : rows) {
        if (view(row[1]) == "identifier") tables.schema.unique_identifier = true;
        if (view(row[1]) == "content_hash") tables.schema.unique_content_hash = true;
        if (view(row[1]) == "id") ++numbered;
    }
    tables.has_numbered_rows = numbered == 2;
}

Generation generation_of(const Schema& schema) {
    const bool is_2026 = schema.sources.has("lookback_days") || schema.articles.has("archived");
    const bool is_2025 = schema.sources.has("tier");
    if (is_2025 && is_2026) return Generation::both;
    return is_2025 ? Generation::web_2025 : Generation::web_2026;
}

enum class Family { number, text, flag, time, json, real };

bool is_of(const Column& column, Family family) {
    const auto any = [&](std::initializer_list<std::string_view> types) {
        return std::find(types.begin(), types.end(), column.type) != types.end();
    };
    switch (family) {
    case Family::number: return any({"integer", "bigint", "smallint"});
    case Family::text: return any({"text", "character varying"});
    case Family::flag: return any({"boolean"});
    case Family::time: return any({"timestamp without time zone", "timestamp with time zone"});
    case Family::json: return any({"json", "jsonb"});
    case Family::real: return any({"double precision", "real", "numeric"});
    }
    return false;
}

struct Expected {
    std::string_view table, column;
    Family family;
};
// What every generation has. Without one of these it is somebody else's table.
constexpr Expected k_expected[] = {
    {"sources", "id", Family::number},
    {"sources", "identifier", Family::text},
    {"sources", "name", Family::text},
    {"sources", "url", Family::text},
    {"sources", "rss_url", Family::text},
    {"sources", "check_frequency", Family::number},
    {"sources", "active", Family::flag},
    {"sources", "config", Family::json},
    {"sources", "last_check", Family::time},
    {"sources", "last_success", Family::time},
    {"sources", "consecutive_failures", Family::number},
    {"sources", "total_articles", Family::number},
    {"sources", "average_response_time", Family::real},
    {"articles", "id", Family::number},
    {"articles", "source_id", Family::number},
    {"articles", "canonical_url", Family::text},
    {"articles", "title", Family::text},
    {"articles", "published_at", Family::time},
    {"articles", "authors", Family::json},
    {"articles", "tags", Family::json},
    {"articles", "content", Family::text},
    {"articles", "content_hash", Family::text},
    {"articles", "article_metadata", Family::json},
    {"articles", "discovered_at", Family::time},
    {"source_checks", "source_id", Family::number},
    {"source_checks", "check_time", Family::time},
    {"source_checks", "success", Family::flag},
    {"source_checks", "method", Family::text},
    {"source_checks", "articles_found", Family::number},
    {"source_checks", "check_metadata", Family::json},
    {"content_hashes", "content_hash", Family::text},
    {"content_hashes", "article_id", Family::number},
};

[[noreturn]] void fail_missing(const std::string& what) {
    throw Error(ExitCode::schema, what, "Run 'cti init'.");
}
}

bool WebTables::has(std::string_view name) const {
    return std::find(present.begin(), present.end(), name) != present.end();
}

WebTables look_at_web_tables(Transaction& transaction) {
    WebTables tables;
    read_columns(transaction, tables);
    read_unique_indexes(transaction, tables);
    tables.schema.generation = generation_of(tables.schema);
    return tables;
}

void require_fit(const WebTables& tables) {
    auto schema = tables.schema;
    for (const auto& [table, name, family] : k_expected) {
        if (!tables.has(table)) continue;
        const auto& columns = table_of(schema, table).columns;
        const auto column = columns.find(name);
        if (column != columns.end() && is_of(column->second, family)) continue;
        const auto what = column == columns.end()
                              ? fmt::format("it has no column '{}'", name)
                              : fmt::format("its column '{}' is of type {}", name, column->second.type);
        throw Error(
            ExitCode::schema,
            fmt::format("the table public.{} of this database is not the web service's: {}", table, what),
            "Give cti a database of its own, or that of the web service.");
    }
}

bool cti_table_exists(Transaction& transaction, const std::string& name) {
    Params params;
    const auto sql = fmt::format(R"sql(
        SELECT 1
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'cti' AND c.relname = {} AND c.relkind = 'r')sql",
                                 params.add(name));
    return !run(transaction, sql, params).empty();
}

std::vector<std::string> applied_migrations(Transaction& transaction) {
    std::vector<std::string> names;
    for (const auto& row : run(transaction, "SELECT name FROM cti.migrations ORDER BY name"))
        names.push_back(text(row[0]));
    return names;
}

void require_known(const std::vector<std::string>& applied) {
    const auto known = migrations();
    for (const auto& name : applied) {
        if (std::any_of(known.begin(), known.end(),
                        [&](const Migration& migration) { return migration.name == name; }))
            continue;
        throw Error(ExitCode::schema,
                    fmt::format("the database is newer than this program: it has the migration '{}'", name),
                    "Install the version of cti that made it, or a later one.");
    }
}

Schema read_schema(Transaction& transaction) {
    auto tables = look_at_web_tables(transaction);
    if (tables.present.empty()) fail_missing("the database has no tables for articles yet");
    require_fit(tables);
    if (!tables.missing.empty())
        fail_missing(fmt::format("the database lacks the table public.{}", tables.missing.front()));
    if (!cti_table_exists(transaction, "migrations"))
        fail_missing("the database has not been made ready for cti yet");
    const auto applied = applied_migrations(transaction);
    require_known(applied);
    if (applied.size() < migrations().size()) fail_missing("the database is older than this program");
    const auto zone = run(transaction, "SELECT value FROM cti.settings WHERE key = 'time_base'");
    if (zone.empty()) fail_missing("the database has no record of its time base");
    tables.schema.time_zone = text(zone[0][0]);
    return tables.schema;
}
}
