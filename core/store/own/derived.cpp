#include "core/store/own/derived.hpp"

#include "core/store/own/indicators.hpp"
#include "core/store/own/near_duplicates.hpp"
#include "core/store/own/progress.hpp"
#include "core/store/own/text_key.hpp"
#include "core/store/own/word_segments.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/article_scores.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <unordered_set>

namespace cti::store {
namespace {

constexpr long k_max_read_bytes = 8 << 20;
// What the collector writes into the metadata of what it stores; json as it was written, or as jsonb prints
// it.
constexpr const char* k_is_own = R"sql(coalesce(a.article_metadata::text ~ '"collector": ?"cti/', false))sql";

// Articles that one transaction stores, or whose text it changes.
struct StoredArticles {
    const std::vector<DerivedArticle>&fresh, &changed;
    std::vector<DerivedArticle> all;
    // Of which something may be there: of the old text, or of an article that had the id before.
    std::vector<int> replaced;
};

// Where each step's results go. `store`: with the article, in its transaction; only a step that belongs
// there has one. `write`: when a stored article is caught up with. `made`: what was made of it here. `rest`:
// those of which nothing was made here.
struct Writer {
    std::string_view step;
    // Returns how many of the fresh articles are near to an earlier one, where the step tells that.
    int (*store)(db::Transaction&, const StoredArticles&);
    bool changes_articles; // rows of public.articles, which are then locked first, as everybody locks them
                           // before cti's
    void (*write)(db::Transaction&, const db::Schema&, const std::vector<DerivedArticle>& made,
                  const std::vector<int>& rest);
    long (*tidy)(db::Transaction&) = nullptr;   // see tidy_step()
    const char* rewritten = nullptr;            // the table that tidying rewrites
    void (*forget)(db::Transaction&) = nullptr; // what it made, where that must not stay
};

void write_indicators(db::Transaction& transaction, const db::Schema&,
                      const std::vector<DerivedArticle>& made, const std::vector<int>&) {
    std::vector<int> ids;
    for (const auto& item : made) ids.push_back(item.article_id);
    remove_findings(transaction, ids);
    insert_findings(transaction, made);
}

int store_indicators(db::Transaction& transaction, const StoredArticles& articles) {
    if (!articles.replaced.empty()) remove_findings(transaction, articles.replaced);
    insert_findings(transaction, articles.all);
    return 0;
}

// It stands in the article's own row.
int store_score(db::Transaction&, const StoredArticles&) { return 0; }

void write_words(db::Transaction& transaction, const db::Schema&, const std::vector<DerivedArticle>& made,
                 const std::vector<int>&) {
    insert_segment(transaction, made);
}

void write_scores(db::Transaction& transaction, const db::Schema& schema,
                  const std::vector<DerivedArticle>& made, const std::vector<int>&) {
    update_scores(transaction, schema, made);
}

void write_simhashes(db::Transaction& transaction, const db::Schema& schema,
                     const std::vector<DerivedArticle>&, const std::vector<int>& rest) {
    copy_simhashes(transaction, schema, rest);
}

std::vector<NewSimhash> simhashes_of(const std::vector<DerivedArticle>& articles) {
    std::vector<NewSimhash> out;
    for (const auto& [id, article] : articles)
        out.push_back({id, article->word_count < k_min_words_to_compare ? 0 : article->simhash});
    return out;
}

int store_simhashes(db::Transaction& transaction, const StoredArticles& articles) {
    if (!articles.changed.empty()) replace_simhashes(transaction, simhashes_of(articles.changed));
    return index_simhashes(transaction, simhashes_of(articles.fresh));
}

constexpr Writer k_writers[] = {
    {"indicators", store_indicators, false, write_indicators},
    {"score", store_score, true, write_scores},
    {"words", nullptr, false, write_words, merge_next, "cti.word_blocks", remove_segments},
    {"simhash", store_simhashes, false, write_simhashes},
};

const Writer& get_writer(std::string_view step) {
    const auto* const found = std::ranges::find(k_writers, step, &Writer::step);
    if (found == std::end(k_writers)) throw std::logic_error("no table is known for what the step makes");
    return *found;
}

// Articles whose steps are the same, by the names of these.
using Groups = std::map<std::vector<std::string_view>, std::vector<const DerivedArticle*>>;
Groups group_by_steps(const std::vector<DerivedArticle>& articles) {
    Groups groups;
    for (const auto& item : articles) {
        std::vector<std::string_view> names;
        for (const auto& step : item.article->steps) names.push_back(step.name);
        if (!names.empty()) groups[names].push_back(&item);
    }
    return groups;
}

// Returns those of which something was noted before: of an article that had this id once.
std::vector<int> note_group(db::Transaction& transaction, const db::Schema& schema,
                            const std::vector<const DerivedArticle*>& group) {
    std::vector<int> ids, versions;
    db::TextArray hashes, names;
    for (const auto* item : group) {
        ids.push_back(item->article_id);
        hashes.add(item->article->hashes[0]);
    }
    for (const auto& step : group[0]->article->steps) {
        names.add(std::string(step.name));
        versions.push_back(step.version);
    }
    db::Params params;
    const auto id = params.add(int_array(ids)), hash = params.add(hashes.finish()),
               name = params.add(names.finish()), version = params.add(int_array(versions));
    const auto rows =
        run(transaction,
            fmt::format(R"sql(
        WITH noted AS (
            INSERT INTO cti.derived (article_id, step, version, text_key)
            SELECT n.id, s.step, s.version, {4}
            FROM unnest({0}::int[], {1}::text[]) AS n (id, hash)
            CROSS JOIN unnest({2}::text[], {3}::int[]) AS s (step, version)
            ORDER BY n.id, s.step
            ON CONFLICT (article_id, step) DO UPDATE SET version = excluded.version, text_key = excluded.text_key
            RETURNING article_id, xmax <> 0 AS is_known
        )
        SELECT DISTINCT article_id
        FROM noted
        WHERE is_known)sql",
                        id, hash, name, version,
                        schema.articles.has("content_hash") ? "hashtextextended(nullif(n.hash, ''), 0)"
                                                            : "NULL::bigint"),
            params);
    std::vector<int> known;
    for (const auto& row : rows) known.push_back(number<int>(row[0]));
    return known;
}

void forget_derived(db::Transaction& transaction, const std::vector<int>& ids) {
    db::Params params;
    run(transaction,
        fmt::format("DELETE FROM cti.derived WHERE article_id = ANY ({}::int[])", params.add(int_array(ids))),
        params);
}

std::string pending_from(const db::Schema& schema, const StepDone& step, db::Params& params,
                         PendingRows rows = PendingRows::all) {
    const auto name = params.add(std::string(step.name));
    if (rows == PendingRows::marked)
        return fmt::format("public.articles a JOIN cti.derived d ON d.article_id = a.id AND d.step = {} "
                           "WHERE d.version = 0",
                           name);
    const auto version = params.add(step.version);
    return fmt::format(R"sql(public.articles a
            LEFT JOIN cti.derived d ON d.article_id = a.id AND d.step = {}
            WHERE {})sql",
                       name, is_pending(schema, version));
}

// Sizes first: texts are asked for only as far as they fit.
std::string select_texts(const db::Schema& schema, const std::string& pending, const std::string& after,
                         const std::string& limit, bool own_only) {
    const bool tells = schema.articles.has("article_metadata");
    const std::string own = !own_only ? "true" : tells ? k_is_own : "false";
    return fmt::format(R"sql(
        WITH next AS (
            SELECT a.id, octet_length(a.content) AS bytes
            FROM {0} AND a.id > {1}::bigint
            ORDER BY a.id
            LIMIT {2}::int
        ), fitting AS (
            SELECT n.id
            FROM (SELECT id, sum(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before FROM next) AS n
            WHERE n.bytes_before < {3}
        )
        SELECT a.id, {4}, {5}, a.canonical_url, a.title, CASE WHEN {4} THEN a.content ELSE '' END
        FROM public.articles a
        WHERE a.id IN (SELECT f.id FROM fitting f)
        ORDER BY a.id)sql",
                       pending, after, limit, k_max_read_bytes, own, text_key(schema));
}

std::string select_ids(const db::Schema& schema, const std::string& pending, const std::string& after,
                       const std::string& limit) {
    return fmt::format(R"sql(
        SELECT a.id, true, {}, '', '', ''
        FROM {} AND a.id > {}::bigint
        ORDER BY a.id
        LIMIT {}::int)sql",
                       text_key(schema), pending, after, limit);
}

// Those of the articles that are there and not yet at this version; the rows of cti.derived are also what two
// that make the same wait for.
std::unordered_set<int> note_pending(db::Transaction& transaction, const StepDone& step,
                                     const std::vector<MadeArticle>& articles) {
    std::vector<int> ids;
    db::TextArray keys;
    for (const auto& item : articles) {
        ids.push_back(item.pending->id);
        keys.add(item.pending->text_key ? std::to_string(*item.pending->text_key) : std::string());
    }
    db::Params params;
    const auto id = params.add(int_array(ids)), key = params.add(keys.finish()),
               name = params.add(std::string(step.name)), version = params.add(step.version);
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        INSERT INTO cti.derived AS d (article_id, step, version, text_key)
        SELECT DISTINCT ON (n.id) n.id, {2}, {3}::int, nullif(n.key, '')::bigint
        FROM unnest({0}::int[], {1}::text[]) AS n (id, key)
        WHERE EXISTS (SELECT 1 FROM public.articles a WHERE a.id = n.id)
        ORDER BY n.id
        ON CONFLICT (article_id, step) DO UPDATE SET version = excluded.version, text_key = excluded.text_key
        WHERE d.version < excluded.version OR d.text_key <> excluded.text_key
        RETURNING article_id)sql",
                                      id, key, name, version),
                          params);
    std::unordered_set<int> noted;
    for (const auto& row : rows) noted.insert(number<int>(row[0]));
    return noted;
}

void lock_articles(db::Transaction& transaction, const std::vector<MadeArticle>& articles) {
    std::vector<int> ids;
    for (const auto& item : articles) ids.push_back(item.pending->id);
    db::Params params;
    run(transaction,
        fmt::format("SELECT 1 FROM public.articles WHERE id = ANY ({}::int[]) ORDER BY id FOR NO KEY UPDATE",
                    params.add(int_array(ids))),
        params);
}

bool is_made(const MadeArticle& item, const StepDone& step) {
    return item.article != nullptr &&
           std::ranges::find(item.article->steps, step.name, &StepDone::name) != item.article->steps.end();
}
}

int write_derived(db::Transaction& transaction, const db::Schema& schema,
                  const std::vector<DerivedArticle>& fresh, const std::vector<DerivedArticle>& changed) {
    if (fresh.empty() && changed.empty()) return 0;
    StoredArticles articles{fresh, changed, fresh, {}};
    articles.all.insert(articles.all.end(), changed.begin(), changed.end());
    for (const auto& item : changed) articles.replaced.push_back(item.article_id);
    if (!changed.empty()) forget_derived(transaction, articles.replaced);
    for (const auto& [names, group] : group_by_steps(articles.all)) {
        for (const auto& step : group[0]->article->steps)
            if (step.version > 0 && get_writer(step.name).store == nullptr) // 0: still to be made
                throw std::logic_error("a step is run with the article that nothing stores with it");
        for (const auto id : note_group(transaction, schema, group)) articles.replaced.push_back(id);
    }
    int near = 0;
    for (const auto& writer : k_writers)
        if (writer.store != nullptr) near += writer.store(transaction, articles);
    return near;
}

PendingBatch find_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                          StepReads reads, long after_id, int max_articles, PendingRows rows) {
    db::Params params;
    const auto pending = pending_from(schema, step, params, rows);
    const auto after = params.add(after_id), limit = params.add(max_articles);
    const auto sql = reads == StepReads::fingerprint
                         ? select_ids(schema, pending, after, limit)
                         : select_texts(schema, pending, after, limit, reads == StepReads::own_text);
    PendingBatch batch;
    for (const auto& row : run(transaction, sql, params)) {
        const auto id = number<int>(row[0]);
        if (id != batch.last_id)
            batch.articles.push_back(
                {id, flag(row[1]), maybe_number<long>(row[2]), text(row[3]), text(row[4]), text(row[5])});
        batch.last_id = id;
    }
    return batch;
}

void for_each_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                      long done_to, int max_at_once,
                      const std::function<void(const PendingArticle&)>& visit) {
    for (const auto rows : {PendingRows::all, PendingRows::marked})
        for (long after = rows == PendingRows::all ? done_to : 0;;) {
            const auto batch =
                find_pending(transaction, schema, step, StepReads::text, after, max_at_once, rows);
            for (const auto& article : batch.articles)
                if (rows == PendingRows::all || article.id <= done_to) visit(article);
            after = batch.last_id;
            if (batch.articles.empty() || (rows == PendingRows::marked && after > done_to)) break;
        }
}

long count_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step, long done_to,
                   long max) {
    db::Params params;
    const auto beyond = pending_from(schema, step, params),
               marked = pending_from(schema, step, params, PendingRows::marked);
    const auto from = params.add(done_to), limit = params.add(max);
    return number<long>(run(transaction,
                            fmt::format(R"sql(
        SELECT count(*)
        FROM (SELECT a.id FROM {0} AND a.id > {2}::bigint
              UNION
              SELECT a.id FROM {1}
              LIMIT {3}::bigint) AS pending)sql",
                                        beyond, marked, from, limit),
                            params)[0][0]);
}

long count_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step) {
    db::Params params;
    const auto sql = fmt::format("SELECT count(DISTINCT a.id) FROM {}", pending_from(schema, step, params));
    return number<long>(run(transaction, sql, params)[0][0]);
}

long write_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                   const std::vector<MadeArticle>& articles) {
    const auto& writer = get_writer(step.name);
    if (writer.changes_articles) lock_articles(transaction, articles);
    const auto noted = note_pending(transaction, step, articles);
    std::vector<DerivedArticle> made;
    std::vector<int> unmade;
    for (const auto& item : articles) {
        if (!noted.contains(item.pending->id)) continue;
        if (is_made(item, step))
            made.push_back({item.pending->id, item.article});
        else
            unmade.push_back(item.pending->id);
    }
    writer.write(transaction, schema, made, unmade);
    return static_cast<long>(noted.size());
}

void forget_step(db::Transaction& transaction, std::string_view step) {
    db::Params params;
    run(transaction,
        fmt::format("UPDATE cti.derived SET version = 0 WHERE step = {} AND version <> 0",
                    params.add(std::string(step))),
        params);
    forget_progress(transaction, progress_of({step}).name);
    if (const auto& writer = get_writer(step); writer.forget != nullptr) writer.forget(transaction);
}

long tidy_step(db::Transaction& transaction, std::string_view step) {
    const auto& writer = get_writer(step);
    return writer.tidy != nullptr ? writer.tidy(transaction) : 0;
}

void vacuum_step(db::Database& database, std::string_view step) {
    db::Transaction transaction(database, db::Access::each_statement);
    run(transaction, fmt::format("VACUUM {}", get_writer(step).rewritten));
}
}
