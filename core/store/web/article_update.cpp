#include "core/store/web/article_update.hpp"

#include "core/base/log.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/article_batch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace cti::store {
namespace {

using Updates = std::vector<ArticleUpdate>;

// Keys of article_metadata that people and models of the web service write.
constexpr const char* k_foreign_keys =
    "'{training_category,training_reason,training_categorized_at,classification,chatgpt_summary,sigma_rules,"
    "extracted_iocs,iocs,gpt4o_ranking,custom_prompt,custom_prompts,ml_hunt_score,conversation_log,"
    "sigma_similar_cache,content_chunks}'::text[]";

// The tables of the web service whose rows speak of an article's text: annotations and highlights hold
// offsets into it, analyses and evaluations hold results of it.
struct Referring {
    std::vector<std::string> tables; // quoted and qualified
    bool readable = true;            // all of them
};
Referring referring_tables(db::Transaction& transaction) {
    Referring referring;
    const auto rows = run(transaction, R"sql(
        SELECT format('%I.%I', n.nspname, c.relname), has_table_privilege(c.oid, 'SELECT')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'article_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname NOT IN ('content_hashes', 'simhash_buckets'))sql");
    for (const auto& row : rows) {
        referring.tables.push_back(text(row[0]));
        referring.readable = referring.readable && flag(row[1]);
    }
    return referring;
}

db::InsertList changed_columns(const db::Schema& schema, db::Params& params) {
    db::InsertList row("public.articles", schema.articles, params.add(schema.time_zone));
    for (const auto& [column, value] : {std::pair{"title", "c.title"},
                                        {"authors", "c.authors"},
                                        {"tags", "c.tags"},
                                        {"summary", "c.summary"},
                                        {"content", "c.content"},
                                        {"content_hash", "c.hash0"},
                                        {"simhash", "c.simhash"},
                                        {"simhash_bucket", "c.bucket"},
                                        {"word_count", "c.words"}})
        row.set(column, value);
    // Of the old text; the web service of 2026 computes what is missing.
    for (const auto* column : {"embedding", "embedded_at"}) row.set(column, "NULL");
    row.set("article_metadata",
            fmt::format("(a.article_metadata::jsonb || (c.metadata::jsonb - {}))", k_foreign_keys));
    row.set_time("modified_at", "coalesce(c.modified_at::timestamptz, now())");
    row.set_time("updated_at", "now()");
    return row;
}

// The ids of the rows that were changed.
std::vector<int> update_batch(db::Transaction& transaction, const db::Schema& schema,
                              const Referring& referring, const std::vector<BatchRow>& batch) {
    db::Params params;
    const auto row = changed_columns(schema, params);
    std::string unreferred;
    for (const auto& table : referring.tables)
        unreferred +=
            fmt::format("\n          AND NOT EXISTS (SELECT 1 FROM {} r WHERE r.article_id = a.id)", table);
    const auto sql = fmt::format(R"sql(
        UPDATE public.articles a
        SET ({}) = ROW ({})
        FROM {}
        WHERE a.id = c.position::int
          AND (a.title, a.content) IS DISTINCT FROM (c.title, c.content)
          AND {}
          AND NOT EXISTS (SELECT 1 FROM public.articles b WHERE b.content_hash IN (c.hash0, c.hash1, c.hash2) AND b.id <> a.id){}
        RETURNING a.id)sql",
                                 row.names(), row.values(), unnest_articles(schema, batch, params),
                                 k_has_readable_metadata, unreferred);
    std::vector<int> ids;
    for (const auto& changed : run(transaction, sql, params)) ids.push_back(number<int>(changed[0]));
    return ids;
}

// All at once; where one of them makes the statement fail, one by one, so that it alone is lost.
std::vector<int> update_some(db::Transaction& transaction, const db::Schema& schema,
                             const Referring& referring, const std::vector<BatchRow>& batch) {
    std::vector<int> ids;
    try {
        in_savepoint(transaction, [&] { ids = update_batch(transaction, schema, referring, batch); });
        return ids;
    } catch (const db::SqlError& error) {
        if (!is_about_a_row(error)) throw;
        if (batch.size() == 1) {
            log::warning("the new text of article {} was refused: {}", batch[0].position, error.what());
            return {};
        }
    }
    ids.clear();
    for (const auto& row : batch)
        for (const auto id : update_some(transaction, schema, referring, {row})) ids.push_back(id);
    return ids;
}

// Without a second one for the same row, or of the same text.
std::vector<BatchRow> distinct(const Updates& updates) {
    std::unordered_set<std::string> marks;
    std::vector<BatchRow> rows;
    for (const auto& [id, article] : updates) {
        if (article.title.empty() || article.content.empty()) continue; // see article_insert.cpp
        if (marks.insert(std::to_string(id)).second && marks.insert(article.hashes[0]).second)
            rows.push_back({static_cast<std::size_t>(id), &article});
    }
    return rows;
}

void update_hashes(db::Transaction& transaction, const db::Schema& schema, const Updates& updates,
                   const std::vector<int>& ids) {
    const std::unordered_set<int> changed(ids.begin(), ids.end());
    std::vector<HashRow> hashes;
    for (const auto& [id, article] : updates)
        if (changed.contains(id)) hashes.push_back({article.hashes[0], id});
    insert_hashes(transaction, schema, hashes);
}
}

Updates lock_updates(db::Transaction& transaction, const db::Schema& schema, int source_id,
                     const Updates& updates) {
    if (updates.empty()) return {};
    std::vector<int> ids;
    for (const auto& update : updates) ids.push_back(update.article_id);
    db::Params params;
    const auto id_array = params.add(fmt::format("{{{}}}", fmt::join(ids, ",")));
    const auto sql = fmt::format(R"sql(
        SELECT a.id
        FROM public.articles a
        WHERE a.id = ANY ({}::int[]) AND a.source_id = {}::int{}
        ORDER BY a.id
        FOR UPDATE)sql",
                                 id_array, params.add(source_id),
                                 schema.articles.has("archived") ? " AND a.archived IS NOT TRUE" : "");
    std::unordered_set<int> locked;
    for (const auto& row : run(transaction, sql, params)) locked.insert(number<int>(row[0]));
    Updates possible;
    std::copy_if(updates.begin(), updates.end(), std::back_inserter(possible),
                 [&](const ArticleUpdate& update) { return locked.contains(update.article_id); });
    return possible;
}

std::vector<int> update_articles(db::Transaction& transaction, const db::Schema& schema,
                                 const Updates& updates) {
    const auto batch = distinct(updates);
    if (batch.empty()) return {};
    const auto referring = referring_tables(transaction);
    if (!referring.readable) {
        log::info(
            "changed articles are left alone: this role may not see what the web service keeps of them");
        return {};
    }
    auto ids = update_some(transaction, schema, referring, batch);
    if (!ids.empty()) update_hashes(transaction, schema, updates, ids);
    return ids;
}
}
