#include "core/store/sql.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
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

// The rows of `table` for which `condition` holds.
struct Removal {
    std::string table, condition;
};

// Those of `table`, after those that refer to them, and so on. `path`: the tables further up, as references
// may run in circles.
void plan_removals(const std::vector<Reference>& references, const std::string& table,
                   const std::string& condition, std::set<std::string>& path,
                   std::vector<Removal>& removals) {
    if (!path.insert(table).second) return;
    for (const auto& reference : references) {
        if (reference.parent != table) continue;
        const auto referring = fmt::format("({}) IN (SELECT {} FROM {} WHERE {})", reference.columns,
                                           reference.parent_columns, table, condition);
        plan_removals(references, reference.child, referring, path, removals);
    }
    removals.push_back({table, condition});
    path.erase(table);
}

// The source is $1 in each condition.
std::vector<Removal> plan_removals(db::Transaction& transaction) {
    auto references = declared_references(transaction);
    add_known_references(transaction, references);
    std::vector<Removal> removals;
    std::set<std::string> path;
    plan_removals(references, "public.sources", "id = $1::int", path, removals);
    return removals;
}

// These hold nothing but what their articles say.
bool is_index(std::string_view table) { return table == "content_hashes" || table == "simhash_buckets"; }

void add_rows(SourceContents& contents, const std::string& qualified, long rows) {
    constexpr std::string_view k_public = "public.";
    const auto table = qualified.starts_with(k_public) ? qualified.substr(k_public.size()) : qualified;
    if (table == "articles")
        contents.articles += rows;
    else if (table == "source_checks")
        contents.checks += rows;
    else if (rows > 0 && table != "sources" && !is_index(table))
        contents.others[table] += rows;
}

// What other sources remember of these articles as their duplicates. Nobody has deleted them one by one, so
// those sources may store them now.
void forget_duplicates(db::Transaction& transaction, const db::Params& source) {
    run(transaction, R"sql(
        DELETE FROM cti.seen_entries
        WHERE source_id <> $1::int
          AND article_id IN (SELECT id FROM public.articles WHERE source_id = $1::int))sql",
        source);
}
}

SourceContents count_contents(db::Transaction& transaction, int id) {
    db::Params source;
    source.add(id);
    std::map<std::string, std::string> conditions; // by table: the same row may refer in several ways
    for (const auto& removal : plan_removals(transaction)) {
        auto& condition = conditions[removal.table];
        condition += fmt::format("{}({})", condition.empty() ? "" : " OR ", removal.condition);
    }
    SourceContents contents;
    for (const auto& [table, condition] : conditions) {
        const auto sql = fmt::format("SELECT count(*) FROM {} WHERE {}", table, condition);
        add_rows(contents, table, number<long>(run(transaction, sql, source)[0][0]));
    }
    return contents;
}

SourceContents remove_source(db::Transaction& transaction, int id) {
    db::Params source;
    source.add(id);
    // In the order of record_check(), so that a check that is being recorded ends first.
    run(transaction, "SELECT 1 FROM cti.source_state WHERE source_id = $1::int FOR UPDATE", source);
    run(transaction, "SELECT 1 FROM public.sources WHERE id = $1::int FOR UPDATE", source);
    forget_duplicates(transaction, source);
    SourceContents removed;
    for (const auto& removal : plan_removals(transaction)) {
        const auto sql = fmt::format("DELETE FROM {} WHERE {}", removal.table, removal.condition);
        add_rows(removed, removal.table, static_cast<long>(run(transaction, sql, source).affected_rows()));
    }
    run(transaction, "DELETE FROM cti.seen_entries WHERE source_id = $1::int", source);
    run(transaction, "DELETE FROM cti.source_state WHERE source_id = $1::int", source);
    return removed;
}
}
