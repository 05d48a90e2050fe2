#include "core/db/reset.hpp"

#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/migrate.hpp"
#include "core/db/pqxx_impl.hpp"
#include "core/db/schema_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cti::db {
namespace {

// The tables of web_schema.sql that are there, each with its schema.
std::vector<std::string> find_web_tables(Transaction& transaction) {
    std::vector<std::string> tables;
    for (const auto& name : web_table_names()) {
        Params params;
        const auto table = "public." + name;
        if (flag(run(transaction, fmt::format("SELECT to_regclass({}) IS NOT NULL", params.add(table)),
                     params)[0][0]))
            tables.push_back(table);
    }
    return tables;
}

long count(Transaction& transaction, const std::string& rows) {
    return number<long>(run(transaction, "SELECT count(*) FROM " + rows)[0][0]);
}

// Behind "CREATE … TABLE" and "CREATE SEQUENCE" of a migration: "cti.jobs".
void add_created(std::string_view sql, std::vector<std::string>& names) {
    for (const auto line : split(sql, '\n'))
        for (const std::string_view word : {"TABLE ", "SEQUENCE "}) {
            const auto at = line.find(std::string(word) + "cti.");
            if (!line.starts_with("CREATE ") || at == std::string_view::npos) continue;
            const auto name = line.substr(at + word.size());
            names.emplace_back(name.substr(0, name.find_first_of(" (;")));
        }
}

// Who is called cti has the schema of that name before all others: what is made there by mistake is not ours.
std::vector<std::string> own_relations(std::vector<std::string> web_tables) {
    auto names = std::move(web_tables);
    names.emplace_back("cti.migrations");
    for (const auto& migration : migrations()) add_created(migration.sql, names);
    return names;
}

// A sequence that belongs to a column goes and stays with its table.
void add_relations(Transaction& transaction, const std::vector<std::string>& own,
                   std::vector<std::string>& found) {
    const auto rows = run(transaction, R"sql(
        SELECT n.nspname || '.' || c.relname,
               CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                          WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                            AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i'))))
        ORDER BY 1)sql");
    for (const auto& row : rows)
        if (std::ranges::find(own, text(row[0])) == own.end())
            found.push_back(fmt::format("the {} {}", text(row[1]), printable(text(row[0]))));
}

// cti writes sources, articles, checks and hashes; into the other tables nobody but the web service does.
void add_rows(Transaction& transaction, const std::vector<std::string>& own,
              std::vector<std::string>& found) {
    constexpr std::string_view k_written[] = {"public.sources", "public.articles", "public.source_checks",
                                              "public.content_hashes"};
    for (const auto& table : own)
        if (std::ranges::find(k_written, table) == std::end(k_written))
            if (const auto rows = count(transaction, table); rows > 0)
                found.push_back(fmt::format("{} of {}", count_of(rows, "row"), table));
    const auto articles =
        count(transaction, R"sql(public.articles WHERE article_metadata::text !~ '"collector": ?"cti/')sql");
    if (articles > 0)
        found.push_back(fmt::format("{} that cti did not store", count_of(articles, "article")));
    const auto sources = count(transaction, "public.sources WHERE identifier IN ('manual', 'eval_articles')");
    if (sources > 0) found.push_back(count_of(sources, "source") + " of the web service itself");
}
}

std::vector<std::string> find_foreign_contents(Transaction& transaction) {
    std::vector<std::string> found;
    const auto own = find_web_tables(transaction);
    if (!own.empty())
        run_script(transaction, fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", join(own, ", ")));
    const auto tables = look_at_web_tables(transaction);
    const bool is_whole = tables.missing.empty();
    if (!tables.present.empty() && !(is_whole && is_made_by_cti(tables.schema)))
        found.push_back(fmt::format("tables that cti did not make: public.{}", join(tables.present, ", ")));
    const bool has_schema =
        !run(transaction, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'cti'").empty();
    if (has_schema && !cti_table_exists(transaction, "migrations"))
        found.emplace_back("a schema cti that is somebody else's");
    add_relations(transaction, own_relations(own), found);
    if (is_whole) add_rows(transaction, own, found);
    return found;
}

OwnContents drop_own(Transaction& transaction) {
    const auto own = find_web_tables(transaction);
    OwnContents contents;
    if (!look_at_web_tables(transaction).present.empty())
        contents = {count(transaction, "public.sources"), count(transaction, "public.articles")};
    if (!own.empty()) run_script(transaction, "DROP TABLE " + join(own, ", "));
    run_script(transaction, "DROP SCHEMA IF EXISTS cti CASCADE");
    return contents;
}
}
