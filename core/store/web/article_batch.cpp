#include "core/store/web/article_batch.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

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
std::string simhash_text(const db::Schema& schema, std::uint64_t simhash) {
    const auto column = schema.articles.columns.find("simhash");
    const bool is_signed = column != schema.articles.columns.end() && column->second.type == "bigint";
    return is_signed ? std::to_string(static_cast<std::int64_t>(simhash)) : std::to_string(simhash);
}

// The articles of one statement, as one text array for each column of "c".
struct Batch {
    db::TextArray position, url, title, published_at, modified_at, authors, tags, summary, content, metadata,
        simhash, bucket, words, hash0, hash1, hash2;
};

void add(Batch& batch, const db::Schema& schema, std::size_t position, const Article& article) {
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

}

std::string unnest_articles(const db::Schema& schema, const std::vector<BatchRow>& rows, db::Params& params) {
    Batch batch;
    std::size_t bytes = 0;
    for (const auto& row : rows) bytes += row.article->content.size() + row.article->content.size() / 32 + 4;
    batch.content.reserve(bytes);
    for (const auto& row : rows) add(batch, schema, row.position, *row.article);
    std::string arrays;
    for (auto* array :
         {&batch.position, &batch.url, &batch.title, &batch.published_at, &batch.modified_at, &batch.authors,
          &batch.tags, &batch.summary, &batch.content, &batch.metadata, &batch.simhash, &batch.bucket,
          &batch.words, &batch.hash0, &batch.hash1, &batch.hash2})
        arrays += fmt::format("{}{}::text[]", arrays.empty() ? "" : ", ", params.add(array->finish()));
    return fmt::format(
        "unnest({}) AS c (position, url, title, published_at, modified_at, authors, tags, summary, content, metadata,\n"
        "simhash, bucket, words, hash0, hash1, hash2)",
        arrays);
}

void insert_hashes(db::Transaction& transaction, const db::Schema& schema, const std::vector<HashRow>& rows) {
    if (rows.empty()) return;
    db::TextArray hashes, ids;
    for (const auto& row : rows) {
        hashes.add(row.hash);
        ids.add(std::to_string(row.article_id));
    }
    db::Params params;
    db::InsertList list("public.content_hashes", schema.content_hashes, params.add(schema.time_zone));
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

bool is_about_a_row(const db::SqlError& error) {
    return error.is_class("22") || error.is_class("23") || error.is_class("54") || error.is_class("P0");
}
}
