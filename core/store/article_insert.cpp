#include "core/store/article_insert.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/store/columns.hpp"

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

// "\u0000" in JSON is well-formed, but PostgreSQL cannot read a value beside it: one such article fails every
// dashboard query.
std::string without_nul_escapes(std::string_view json) {
    std::string out;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] != '\\') {
            out += json[i];
        } else if (json.substr(i, 6) == "\\u0000") {
            i += 5;
        } else {
            out += json.substr(i, 2);
            ++i;
        }
    }
    return out;
}

std::string json_list(const std::vector<std::string>& texts) {
    std::vector<std::string> clean;
    for (const auto& text : texts) clean.push_back(repair_utf8(text));
    std::string out;
    JsonWriter(out).value(clean);
    return out;
}

// unsigned 64 bit; a database that was migrated by hand may keep it as bigint, then two's complement.
std::string simhash_text(const Schema& schema, std::uint64_t simhash) {
    const auto column = schema.articles.columns.find("simhash");
    const bool is_signed = column != schema.articles.columns.end() && column->second.type == "bigint";
    return is_signed ? std::to_string(static_cast<std::int64_t>(simhash)) : std::to_string(simhash);
}

// The candidates of one statement, as one text array for each column of "c" in the statements below.
struct Batch {
    TextArray position, url, title, published_at, modified_at, authors, tags, summary, content, metadata,
        simhash, bucket, words, hash0, hash1, hash2;
};

void add(Batch& batch, const Schema& schema, std::size_t position, const Article& article) {
    batch.position.add(std::to_string(position));
    batch.url.add(article.url);
    batch.title.add(article.title);
    batch.published_at.add(timestamp_text(article.published_at));
    if (article.modified_at)
        batch.modified_at.add(timestamp_text(*article.modified_at));
    else
        batch.modified_at.add_null();
    batch.authors.add(json_list(article.authors));
    batch.tags.add(json_list(article.tags));
    if (article.summary)
        batch.summary.add(*article.summary);
    else
        batch.summary.add_null();
    batch.content.add(article.content);
    batch.metadata.add(without_nul_escapes(article.metadata_json));
    batch.simhash.add(simhash_text(schema, article.simhash));
    batch.bucket.add(std::to_string(article.simhash % 16));
    batch.words.add(std::to_string(article.word_count));
    batch.hash0.add(article.hashes[0]);
    batch.hash1.add(article.hashes[1]);
    batch.hash2.add(article.hashes[2]);
}

Batch make_batch(const Schema& schema, const std::vector<Article>& articles, const Indexes& indexes) {
    Batch batch;
    for (const auto i : indexes) add(batch, schema, i, articles[i]);
    return batch;
}

InsertList columns_of(const Schema& schema, int source_id, Params& params) {
    InsertList row("public.articles", schema.articles, params.add(schema.time_zone));
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

std::string unnest(const Batch& batch, Params& params) {
    std::string arrays;
    for (const auto* array :
         {&batch.position, &batch.url, &batch.title, &batch.published_at, &batch.modified_at, &batch.authors,
          &batch.tags, &batch.summary, &batch.content, &batch.metadata, &batch.simhash, &batch.bucket,
          &batch.words, &batch.hash0, &batch.hash1, &batch.hash2})
        arrays += fmt::format("{}{}::text[]", arrays.empty() ? "" : ", ", params.add(array->finish()));
    return fmt::format(
        "unnest({}) AS c (position, url, title, published_at, modified_at, authors, tags, summary, content, metadata,\n"
        "simhash, bucket, words, hash0, hash1, hash2)",
        arrays);
}

struct NewRow {
    std::size_t candidate;
    std::string id;
};

// on_conflict: "" or "ON CONFLICT DO NOTHING", which holds whatever unique indexes the table has.
std::vector<NewRow> insert_batch(Transaction& transaction, const Schema& schema, int source_id,
                                 const std::vector<Article>& articles, const Indexes& indexes,
                                 const char* on_conflict) {
    Params params;
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
                                 unnest(make_batch(schema, articles, indexes), params), on_conflict);
    std::unordered_map<std::string, std::size_t> by_url; // unique within a batch, see distinct()
    for (const auto i : indexes) by_url.emplace(repair_utf8(articles[i].url), i);
    std::vector<NewRow> rows;
    for (const auto& inserted : run(transaction, sql, params))
        rows.push_back({by_url.at(text(inserted[1])), text(inserted[0])});
    return rows;
}

// Those whose URL and hashes are nobody's, so that only something else can have kept them out.
Indexes find_unexplained(Transaction& transaction, const Schema& schema, const std::vector<Article>& articles,
                         const Indexes& indexes) {
    Params params;
    const auto sql = fmt::format(R"sql(
        SELECT c.position
        FROM {}
        WHERE NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.canonical_url = c.url)
          AND NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.content_hash IN (c.hash0, c.hash1, c.hash2)))sql",
                                 unnest(make_batch(schema, articles, indexes), params));
    Indexes unexplained;
    for (const auto& row : run(transaction, sql, params)) unexplained.push_back(number<std::size_t>(row[0]));
    return unexplained;
}

// An expression index of an old migration of the web service refuses every score that is not a whole number.
std::string score_index(Transaction& transaction) {
    const auto rows = run(transaction, R"sql(
        SELECT quote_ident(indexname)
        FROM pg_catalog.pg_indexes
        WHERE schemaname = 'public' AND tablename = 'articles'
          AND indexdef LIKE '%threat_hunting_score%' AND indexdef LIKE '%::integer%'
        LIMIT 1)sql");
    return rows.empty() ? std::string() : text(rows[0][0]);
}

std::string explain(Transaction& transaction, const SqlError& error) {
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

// What one row can be to blame for: its data, a constraint, a limit, a trigger.
bool is_about_a_row(const SqlError& error) {
    return error.is_class("22") || error.is_class("23") || error.is_class("54") || error.is_class("P0");
}

void insert_one(Transaction& transaction, const Schema& schema, int source_id,
                const std::vector<Article>& articles, std::size_t index, const char* on_conflict,
                std::vector<NewRow>& rows, Recorded& recorded) {
    try {
        in_savepoint(transaction, [&] {
            for (auto& row : insert_batch(transaction, schema, source_id, articles, {index}, on_conflict))
                rows.push_back(std::move(row));
        });
    } catch (const SqlError& error) {
        if (!is_about_a_row(error)) throw;
        recorded.refused.emplace_back(index, explain(transaction, error));
    }
}

// All at once; where one of them makes the statement fail, one by one, so that it alone is lost.
std::vector<NewRow> insert_some(Transaction& transaction, const Schema& schema, int source_id,
                                const std::vector<Article>& articles, const Indexes& indexes,
                                Recorded& recorded) {
    constexpr const char* k_skip = "ON CONFLICT DO NOTHING";
    std::vector<NewRow> rows;
    try {
        in_savepoint(transaction,
                     [&] { rows = insert_batch(transaction, schema, source_id, articles, indexes, k_skip); });
    } catch (const SqlError& error) {
        if (!is_about_a_row(error)) throw;
        rows.clear();
        // Oldest first, as in a batch.
        for (auto i = indexes.rbegin(); i != indexes.rend(); ++i)
            insert_one(transaction, schema, source_id, articles, *i, k_skip, rows, recorded);
    }
    if (rows.size() + recorded.refused.size() >= indexes.size()) return rows;

    std::unordered_set<std::size_t> done;
    for (const auto& row : rows) done.insert(row.candidate);
    for (const auto& [candidate, why] : recorded.refused) done.insert(candidate);
    Indexes left;
    std::copy_if(indexes.begin(), indexes.end(), std::back_inserter(left),
                 [&](std::size_t i) { return !done.contains(i); });
    if (left.empty()) return rows;
    // ON CONFLICT DO NOTHING also hides a sequence that hands out ids which are taken: without it the
    // database says so.
    for (const auto i : find_unexplained(transaction, schema, articles, left))
        insert_one(transaction, schema, source_id, articles, i, "", rows, recorded);
    return rows;
}

// Without those that repeat the URL or a hash of an earlier candidate, or that have no URL, title or text:
// the web service shows nothing at all when one row is empty there.
Indexes distinct(const std::vector<Article>& articles, Recorded& recorded) {
    std::unordered_set<std::string> seen;
    Indexes indexes;
    for (std::size_t i = 0; i < articles.size(); ++i) {
        const auto& article = articles[i];
        if (article.url.empty() || article.title.empty() || article.content.empty()) {
            recorded.refused.emplace_back(i, "it has no address, no title or no text");
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

void insert_hashes(Transaction& transaction, const Schema& schema, const std::vector<Article>& articles,
                   const std::vector<NewRow>& rows) {
    TextArray hashes, ids;
    for (const auto& row : rows) {
        hashes.add(articles[row.candidate].hashes[0]);
        ids.add(row.id);
    }
    Params params;
    InsertList list("public.content_hashes", schema.content_hashes, params.add(schema.time_zone));
    list.set("content_hash", "c.hash");
    list.set("article_id", "c.id");
    list.set_time("first_seen", "now()");
    list.fill_required();
    const auto hash_array = params.add(hashes.finish()), id_array = params.add(ids.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO public.content_hashes ({})
        SELECT {}
        FROM unnest({}::text[], {}::text[]) AS c (hash, id)
        WHERE NOT EXISTS (SELECT 1 FROM public.content_hashes h WHERE h.content_hash = c.hash)
        ON CONFLICT DO NOTHING)sql",
                    list.names(), list.values(), hash_array, id_array),
        params);
}
}

Recorded insert_articles(Transaction& transaction, const Schema& schema, int source_id,
                         const std::vector<Article>& articles) {
    Recorded recorded;
    recorded.inserted.resize(articles.size(), false);
    auto batches = in_batches(articles, distinct(articles, recorded));
    // The last candidates are the oldest, and go in first.
    for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
        const auto rows = insert_some(transaction, schema, source_id, articles, *batch, recorded);
        if (rows.empty()) continue;
        insert_hashes(transaction, schema, articles, rows);
        for (const auto& row : rows) recorded.inserted[row.candidate] = true;
        recorded.count += static_cast<int>(rows.size());
    }
    std::sort(recorded.refused.begin(), recorded.refused.end());
    return recorded;
}
}
