#include "core/store/web/article_insert.hpp"

#include "core/base/text.hpp"
#include "core/store/compression.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/article_batch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

namespace cti::store {
namespace {

// A statement takes this much text at most: the server keeps several copies of an array while it unpacks it.
constexpr std::size_t k_max_batch_bytes = 16 << 20;

using Indexes = std::vector<std::size_t>; // positions in the caller's list of candidates

db::InsertList columns_of(const db::Schema& schema, int source_id, db::Params& params) {
    db::InsertList row("public.articles", schema.articles, params.add(schema.time_zone));
    row.bind("source_id", params, source_id);
    for (const auto& [column, value] :
         {std::pair{"canonical_url", "c.url"},
          {"title", "c.title"},
          {"authors", "c.authors"},
          {"tags", "c.tags"},
          {"summary", "c.summary"},
          {"content", "c.content"},
          {"content_hash", "c.hash0"},
          {"article_metadata", "c.metadata"},
          {"simhash", "c.simhash"},
          {"simhash_bucket", "c.bucket"},
          {"word_count", "c.words"},
          {"processing_status", "'pending'"},
          {"archived", "false"},
          {"embedding_model", "'all-mpnet-base-v2'"}}) // embedding itself stays NULL: the web service's
                                                       // nightly job looks for that
        row.set(column, value);
    row.set_time("published_at", "c.published_at::timestamptz");
    row.set_time("modified_at", "c.modified_at::timestamptz");
    for (const char* column : {"discovered_at", "created_at", "updated_at"}) row.set_time(column, "now()");
    row.fill_required();
    return row;
}

std::vector<BatchRow> rows_of(const std::vector<Article>& articles, const Indexes& indexes) {
    std::vector<BatchRow> rows;
    for (const auto i : indexes) rows.push_back({i, &articles[i]});
    return rows;
}

struct NewRow {
    std::size_t candidate;
    int id = 0;
};

// on_conflict: "" or "ON CONFLICT DO NOTHING", which holds whatever unique indexes the table has.
std::vector<NewRow> insert_batch(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                 const std::vector<Article>& articles, const Indexes& indexes,
                                 const char* on_conflict) {
    db::Params params;
    const auto row = columns_of(schema, source_id, params);
    // Oldest first: ids then grow with the age, as they do in the web service.
    const auto sql = fmt::format(R"sql(
        INSERT INTO public.articles ({})
        SELECT {}
        FROM {}
        WHERE NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.canonical_url = c.url)
          AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.content_hash IN (c.hash0, c.hash1, c.hash2))
        ORDER BY c.position::int DESC
        {}
        RETURNING id, canonical_url)sql",
                                 row.names(), row.values(),
                                 unnest_articles(schema, rows_of(articles, indexes), params), on_conflict);
    std::unordered_map<std::string, std::size_t> by_url; // unique within a batch, see distinct()
    for (const auto i : indexes) by_url.emplace(repair_utf8(articles[i].url), i);
    std::vector<NewRow> rows;
    for (const auto& inserted : run(transaction, sql, params))
        rows.push_back({by_url.at(text(inserted[1])), number<int>(inserted[0])});
    return rows;
}

// Those whose URL and hashes are nobody's, so that only something else can have kept them out.
Indexes find_unexplained(db::Transaction& transaction, const db::Schema& schema,
                         const std::vector<Article>& articles, const Indexes& indexes) {
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT c.position
        FROM {}
        WHERE NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.canonical_url = c.url)
          AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.content_hash IN (c.hash0, c.hash1, c.hash2)))sql",
                                 unnest_articles(schema, rows_of(articles, indexes), params));
    Indexes unexplained;
    for (const auto& row : run(transaction, sql, params)) unexplained.push_back(number<std::size_t>(row[0]));
    return unexplained;
}

// An expression index of an old migration of the web service refuses every score that is not a whole number.
std::string score_index(db::Transaction& transaction) {
    const auto rows = run(transaction, R"sql(
        SELECT quote_ident(indexname)
        FROM pg_catalog.pg_indexes
        WHERE schemaname = 'public' AND tablename = 'articles'
          AND indexdef LIKE '%threat_hunting_score%' AND indexdef LIKE '%::integer%'
        LIMIT 1)sql");
    return rows.empty() ? std::string() : text(rows[0][0]);
}

std::string explain(db::Transaction& transaction, const db::SqlError& error) {
    std::string words = error.what();
    if (error.sqlstate() == "22P02" && words.find("type integer") != std::string::npos) {
        if (const auto index = score_index(transaction); !index.empty())
            words += fmt::format(
                "; the index {0} takes threat_hunting_score for an integer: DROP INDEX public.{0}", index);
    }
    if (error.sqlstate() == "23505" && words.find("Key (id)=") != std::string::npos)
        words +=
            "; the sequence of public.articles.id is behind the rows: "
            "SELECT setval(pg_get_serial_sequence('public.articles', 'id'), (SELECT max(id) FROM public.articles))";
    return words;
}

void insert_one(db::Transaction& transaction, const db::Schema& schema, int source_id,
                const std::vector<Article>& articles, std::size_t index, const char* on_conflict,
                std::vector<NewRow>& rows, Refused& refused) {
    try {
        in_savepoint(transaction, [&] {
            for (const auto& row :
                 insert_batch(transaction, schema, source_id, articles, {index}, on_conflict))
                rows.push_back(row);
        });
    } catch (const db::SqlError& error) {
        if (!is_about_a_row(error)) throw;
        refused.emplace_back(index, explain(transaction, error));
    }
}

// All at once; where one of them makes the statement fail, one by one, so that it alone is lost.
std::vector<NewRow> insert_some(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                const std::vector<Article>& articles, const Indexes& indexes,
                                Refused& refused) {
    constexpr const char* k_skip = "ON CONFLICT DO NOTHING";
    std::vector<NewRow> rows;
    try {
        in_savepoint(transaction,
                     [&] { rows = insert_batch(transaction, schema, source_id, articles, indexes, k_skip); });
    } catch (const db::SqlError& error) {
        if (!is_about_a_row(error)) throw;
        rows.clear();
        // Oldest first, as in a batch.
        for (auto i = indexes.rbegin(); i != indexes.rend(); ++i)
            insert_one(transaction, schema, source_id, articles, *i, k_skip, rows, refused);
    }
    if (rows.size() + refused.size() >= indexes.size()) return rows;

    std::unordered_set<std::size_t> done;
    for (const auto& row : rows) done.insert(row.candidate);
    for (const auto& [candidate, why] : refused) done.insert(candidate);
    Indexes left;
    std::copy_if(indexes.begin(), indexes.end(), std::back_inserter(left),
                 [&](std::size_t i) { return !done.contains(i); });
    if (left.empty()) return rows;
    // ON CONFLICT DO NOTHING also hides a sequence that hands out ids which are taken: without it the
    // database says so.
    for (const auto i : find_unexplained(transaction, schema, articles, left))
        insert_one(transaction, schema, source_id, articles, i, "", rows, refused);
    return rows;
}

// Without those that repeat the URL or a hash of an earlier candidate, or that have no URL, title or text:
// the web service shows nothing at all when one row is empty there.
Indexes distinct(const std::vector<Article>& articles, const Deleted& deleted, Refused& refused) {
    std::unordered_set<std::string> seen;
    Indexes indexes;
    for (std::size_t i = 0; i < articles.size(); ++i) {
        const auto& article = articles[i];
        if (deleted.contains(i)) continue;
        if (article.url.empty() || article.title.empty() || article.content.empty()) {
            refused.emplace_back(i, "it has no address, no title or no text");
            continue;
        }
        std::vector<std::string> marks = {"url " + article.url};
        std::copy_if(article.hashes.begin(), article.hashes.end(), std::back_inserter(marks),
                     [](const std::string& hash) { return !hash.empty(); });
        if (std::any_of(marks.begin(), marks.end(),
                        [&](const std::string& mark) { return seen.contains(mark); }))
            continue;
        seen.insert(marks.begin(), marks.end());
        indexes.push_back(i);
    }
    return indexes;
}

std::vector<Indexes> in_batches(const std::vector<Article>& articles, const Indexes& indexes) {
    std::vector<Indexes> batches;
    std::size_t bytes = 0;
    for (const auto i : indexes) {
        const auto size = articles[i].content.size() + articles[i].metadata_json.size();
        if (batches.empty() || bytes + size > k_max_batch_bytes) {
            batches.emplace_back();
            bytes = 0;
        }
        batches.back().push_back(i);
        bytes += size;
    }
    return batches;
}
}

InsertedArticles insert_articles(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                 const std::vector<Article>& articles, const Deleted& deleted) {
    InsertedArticles inserted;
    inserted.ids.resize(articles.size(), 0);
    if (articles.empty()) return inserted;
    compress_fast(transaction);
    auto batches = in_batches(articles, distinct(articles, deleted, inserted.refused));
    // The last candidates are the oldest, and go in first.
    for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
        const auto rows = insert_some(transaction, schema, source_id, articles, *batch, inserted.refused);
        std::vector<HashRow> hashes;
        for (const auto& row : rows) {
            hashes.push_back({articles[row.candidate].hashes[0], row.id});
            inserted.ids[row.candidate] = row.id;
        }
        insert_hashes(transaction, schema, hashes);
    }
    std::sort(inserted.refused.begin(), inserted.refused.end());
    return inserted;
}
}
