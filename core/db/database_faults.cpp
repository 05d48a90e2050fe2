#include "core/db/database_faults.hpp"

#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>

namespace cti::db {

std::vector<Fault> find_lost_keys(Transaction& transaction) {
    std::vector<Fault> faults;
    for (const auto& row : run(transaction, R"sql(
        SELECT k.table_name, k.column_name
        FROM (VALUES ('sources', 'id'), ('sources', 'identifier'), ('articles', 'id'), ('articles', 'content_hash'),
                     ('source_checks', 'id'), ('content_hashes', 'id'), ('content_hashes', 'content_hash'))
             AS k (table_name, column_name)
        JOIN pg_catalog.pg_class c ON c.relname = k.table_name AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = k.column_name AND NOT a.attisdropped
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_index i
            WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1
              AND i.indkey[0] = a.attnum)
        ORDER BY 1, 2)sql")) {
        const auto table = text(row[0]), column = text(row[1]);
        const auto* const kind = column == "id" ? "ALTER TABLE public.{0} ADD PRIMARY KEY ({1});"
                                                : "CREATE UNIQUE INDEX ON public.{0} ({1});";
        faults.push_back(
            {fmt::format("public.{} ({})", table, column), fmt::format(fmt::runtime(kind), table, column)});
    }
    return faults;
}

std::vector<Fault> find_text_embeddings(Transaction& transaction) {
    std::vector<Fault> faults;
    for (const auto& row : run(transaction, R"sql(
        SELECT c.relname, to_regtype('vector') IS NOT NULL
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'embedding' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN ('articles', 'article_annotations')
          AND a.atttypid = 'text'::regtype
          AND (to_regtype('vector') IS NOT NULL OR EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'vector'))
        ORDER BY 1)sql"))
        faults.push_back(
            {fmt::format("public.{}.embedding", view(row[0])),
             fmt::format(
                 "{}ALTER TABLE public.{} ALTER COLUMN embedding TYPE vector(768) USING embedding::vector(768);",
                 flag(row[1]) ? "" : "CREATE EXTENSION vector; ", view(row[0]))});
    return faults;
}

namespace {
std::vector<std::string> find_doubled(Transaction& transaction, const std::string& table,
                                      const std::string& column, int limit) {
    Params params;
    const auto is_readable = fmt::format("SELECT has_column_privilege({}, {}, 'SELECT')",
                                         params.add("public." + table), params.add(column));
    if (!flag(run(transaction, is_readable, params)[0][0])) return {};
    std::vector<std::string> addresses;
    for (const auto& row : run(transaction, fmt::format(R"sql(
        SELECT {0}, count(*)
        FROM public.{1}
        WHERE {0} <> ''
        GROUP BY {0}
        HAVING count(*) > 1
        ORDER BY 2 DESC, 1
        LIMIT {2})sql",
                                                        column, table, limit)))
        addresses.push_back(fmt::format("{} ({} {})", view(row[0]), view(row[1]), table));
    return addresses;
}
}

std::vector<std::string> find_doubled_addresses(Transaction& transaction, int limit) {
    auto addresses = find_doubled(transaction, "articles", "canonical_url", limit);
    for (auto& feed : find_doubled(transaction, "sources", "rss_url", limit))
        addresses.push_back(std::move(feed));
    return addresses;
}

std::optional<Fault> find_encoding_fault(Transaction& transaction) {
    const auto row = run(transaction, R"sql(
        SELECT pg_encoding_to_char(encoding), datname, quote_ident(datname)
        FROM pg_catalog.pg_database
        WHERE datname = current_database())sql")[0];
    if (text(row[0]) == "UTF8") return {};
    return Fault{
        fmt::format("the database '{}' has the encoding {}, which cannot hold every text", text(row[1]),
                    text(row[0])),
        fmt::format(
            "Make one that can: CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0 (under another name, or "
            "after the old one was dropped or renamed).",
            text(row[2]))};
}
}
