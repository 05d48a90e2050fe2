#include "core/store/sql.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

// Deleting a source with everything that refers to it, as the foreign keys have no ON DELETE action.
namespace cti::store {
namespace {

// child.columns refer to parent.parent_columns. The names are quoted and qualified by the server; columns as
// "a, b".
struct Reference {
    std::string child, columns, parent, parent_columns;
};

std::vector<Reference> declared_references(db::Transaction& transaction) {
    std::vector<Reference> references;
    const auto rows = run(transaction, R"sql(
        SELECT format('%I.%I', cn.nspname, c.relname),
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n)
                FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, n)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum),
               format('%I.%I', pn.nspname, p.relname),
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n)
                FROM unnest(f.confkey) WITH ORDINALITY AS k (attnum, n)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum)
        FROM pg_catalog.pg_constraint f
        JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
        JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
        JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        WHERE f.contype = 'f' AND f.conparentid = 0
          AND f.confdeltype IN ('a', 'r', 'c')
          AND f.conrelid <> f.confrelid
        ORDER BY 1, 2)sql");
    for (const auto& row : rows)
        references.push_back({text(row[0]), text(row[1]), text(row[2]), text(row[3])});
    return references;
}

// The web service's own tables refer by these columns, also where the constraints were lost in a restore.
void add_known_references(db::Transaction& transaction, std::vector<Reference>& references) {
    const auto rows = run(transaction, R"sql(
        SELECT format('%I.%I', 'public', c.relname), a.attname
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p')
          AND ((a.attname = 'article_id'
                AND c.relname IN ('article_annotations', 'text_highlights', 'content_hashes', 'simhash_buckets',
                                  'chunk_analysis_results', 'observable_evaluation_failures', 'subagent_evaluations',
                                  'sigma_evaluations', 'agentic_workflow_executions', 'sigma_rule_queue'))
            OR (a.attname = 'source_id' AND c.relname IN ('articles', 'source_checks')))
        ORDER BY 1)sql");
    for (const auto& row : rows) {
        const bool to_article = view(row[1]) == "article_id";
        Reference known{text(row[0]), text(row[1]), to_article ? "public.articles" : "public.sources", "id"};
        const bool is_declared =
            std::any_of(references.begin(), references.end(), [&](const Reference& other) {
                return other.child == known.child && other.columns == known.columns &&
                       other.parent == known.parent;
            });
        if (!is_declared) references.push_back(std::move(known));
    }
}

// Deletes the rows of `table` for which `condition` holds, after those that refer to them. `path`: the tables
// that are being deleted from further up, as references may run in circles.
void delete_rows(db::Transaction& transaction, const std::vector<Reference>& references,
                 const std::string& table, const std::string& condition, const db::Params& params,
                 std::set<std::string>& path) {
    if (!path.insert(table).second) return;
    for (const auto& reference : references) {
        if (reference.parent != table) continue;
        const auto referring = fmt::format("({}) IN (SELECT {} FROM {} WHERE {})", reference.columns,
                                           reference.parent_columns, table, condition);
        delete_rows(transaction, references, reference.child, referring, params, path);
    }
    run(transaction, fmt::format("DELETE FROM {} WHERE {}", table, condition), params);
    path.erase(table);
}
}

void remove_source(db::Transaction& transaction, const db::Schema&, int id) {
    db::Params source;
    source.add(id);
    // In the order of record_check(), so that a check that is being recorded ends first.
    run(transaction, "SELECT 1 FROM cti.source_state WHERE source_id = $1::int FOR UPDATE", source);
    run(transaction, "SELECT 1 FROM public.sources WHERE id = $1::int FOR UPDATE", source);
    auto references = declared_references(transaction);
    add_known_references(transaction, references);
    db::Params params;
    const auto condition = fmt::format("id = {}::int", params.add(id));
    std::set<std::string> path;
    delete_rows(transaction, references, "public.sources", condition, params, path);
    run(transaction, "DELETE FROM cti.seen_entries WHERE source_id = $1::int", source);
    run(transaction, "DELETE FROM cti.source_state WHERE source_id = $1::int", source);
}
}
