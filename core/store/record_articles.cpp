#include "core/store/record_articles.hpp"

#include "core/store/own/derived.hpp"
#include "core/store/own/locks.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/article_insert.hpp"
#include "core/store/web/article_update.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unordered_map>

namespace cti::store {
namespace {

// For the entries whose candidate was there already: which article it is.
std::unordered_map<std::size_t, int> find_holders(db::Transaction& transaction,
                                                  const std::vector<Article>& articles,
                                                  const std::vector<std::size_t>& candidates) {
    std::unordered_map<std::size_t, int> holders;
    if (candidates.empty()) return holders;
    db::TextArray positions, urls, hashes[3];
    for (const auto i : candidates) {
        positions.add(std::to_string(i));
        urls.add(articles[i].url);
        for (std::size_t n = 0; n < 3; ++n) hashes[n].add(articles[i].hashes[n]);
    }
    db::Params params;
    const auto position = params.add(positions.finish()), url = params.add(urls.finish());
    const auto hash0 = params.add(hashes[0].finish()), hash1 = params.add(hashes[1].finish()),
               hash2 = params.add(hashes[2].finish());
    const auto sql = fmt::format(R"sql(
        SELECT c.position,
               coalesce((SELECT a.id FROM public.articles a WHERE a.canonical_url = c.url LIMIT 1),
                        (SELECT a.id FROM public.articles a WHERE a.content_hash IN (c.hash0, c.hash1, c.hash2) LIMIT 1))
        FROM unnest({}::text[], {}::text[], {}::text[], {}::text[], {}::text[]) AS c (position, url, hash0, hash1, hash2))sql",
                                 position, url, hash0, hash1, hash2);
    for (const auto& row : run(transaction, sql, params))
        if (const auto id = maybe_number<int>(row[1])) holders.emplace(number<std::size_t>(row[0]), *id);
    return holders;
}

// Candidates that are articles which somebody has deleted, and which nobody has stored since: with the ids
// that they had.
Deleted find_deleted_candidates(db::Transaction& transaction, const ArticleRecord& record) {
    if (record.deleted == DeletedArticles::come_back) return {};
    std::vector<ArticleMarks> marks;
    for (const auto& entry : record.seen) {
        if (!entry.candidate) continue;
        auto& mark = marks.emplace_back(ArticleMarks{*entry.candidate, entry.link_key, {}});
        for (const auto& hash : record.articles.at(*entry.candidate).hashes)
            if (const auto key = make_text_key(hash)) mark.text_keys.push_back(*key);
    }
    if (marks.empty()) return {};
    auto deleted = find_deleted(transaction, marks);
    std::vector<std::size_t> candidates;
    for (const auto& [candidate, id] : deleted) candidates.push_back(candidate);
    for (const auto& [candidate, id] : find_holders(transaction, record.articles, candidates))
        deleted.erase(candidate);
    return deleted;
}

// Entries with a candidate learn what became of it.
std::vector<SeenEntry> with_articles(db::Transaction& transaction, const ArticleRecord& record,
                                     const InsertedArticles& inserted, const Deleted& deleted) {
    std::vector<bool> is_refused(record.articles.size(), false);
    for (const auto& [candidate, why] : inserted.refused) is_refused.at(candidate) = true;
    std::vector<std::size_t> there_already;
    for (const auto& entry : record.seen)
        if (entry.candidate && !inserted.ids.at(*entry.candidate) && !is_refused.at(*entry.candidate) &&
            !deleted.contains(*entry.candidate))
            there_already.push_back(*entry.candidate);
    const auto holders = find_holders(transaction, record.articles, there_already);

    std::vector<SeenEntry> entries;
    for (auto entry : record.seen) {
        if (entry.candidate) {
            if (is_refused.at(*entry.candidate)) continue;
            const auto id = inserted.ids.at(*entry.candidate);
            const auto holder = holders.find(*entry.candidate);
            entry.reason = id ? DropReason::none : DropReason::duplicate;
            entry.article_id = id ? std::optional(id) : std::nullopt;
            if (holder != holders.end()) entry.article_id = holder->second;
            if (const auto gone = deleted.find(*entry.candidate); gone != deleted.end())
                entry.reason = DropReason::deleted, entry.article_id = gone->second;
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

// Articles, and what was made of them.
InsertedArticles write_articles(db::Transaction& transaction, const db::Schema& schema,
                                const ArticleRecord& record, const std::vector<ArticleUpdate>& updates,
                                const Deleted& deleted, Recorded& recorded) {
    auto inserted = insert_articles(transaction, schema, record.source_id, record.articles, deleted);
    std::vector<DerivedArticle> fresh, changed;
    for (std::size_t i = 0; i < inserted.ids.size(); ++i) {
        recorded.inserted.push_back(inserted.ids[i] != 0);
        if (inserted.ids[i]) fresh.push_back({inserted.ids[i], &record.articles[i]});
    }
    const auto updated = update_articles(transaction, schema, updates);
    for (const auto& update : updates)
        if (std::ranges::find(updated, update.article_id) != updated.end())
            changed.push_back({update.article_id, &update.article});
    recorded.near_duplicate = write_derived(transaction, schema, fresh, changed);
    recorded.count = static_cast<int>(fresh.size());
    recorded.deleted = static_cast<int>(deleted.size());
    recorded.updated = static_cast<int>(updated.size());
    for (const auto& article : fresh) recorded.written.push_back(article.article_id);
    recorded.written.insert(recorded.written.end(), updated.begin(), updated.end());
    recorded.refused = inserted.refused;
    return inserted;
}
}

// The last lock of those that others wait for: what only looks comes before it.
void lock_keys(db::Transaction& transaction, const std::vector<Article>& articles,
               const std::vector<ArticleUpdate>& updates) {
    std::vector<std::string> keys;
    const auto add = [&](const Article& article) {
        keys.push_back(article.url);
        keys.insert(keys.end(), article.hashes.begin(), article.hashes.end());
    };
    for (const auto& article : articles) add(article);
    for (const auto& update : updates) add(update.article);
    lock_article_keys(transaction, std::move(keys));
}

void record_articles(db::Transaction& transaction, const db::Schema& schema, const ArticleRecord& record,
                     const std::vector<ArticleUpdate>& updates, Recorded& recorded) {
    const auto deleted = find_deleted_candidates(transaction, record);
    const auto inserted = write_articles(transaction, schema, record, updates, deleted, recorded);
    remember_seen(transaction, record.source_id, with_articles(transaction, record, inserted, deleted));
}

KnownArticles find_known_articles(db::Transaction& transaction, const ArticleRecord& record) {
    KnownArticles known;
    known.holders.resize(record.articles.size());
    std::vector<std::size_t> all(record.articles.size());
    std::iota(all.begin(), all.end(), 0);
    for (const auto& [candidate, id] : find_holders(transaction, record.articles, all))
        known.holders[candidate] = id;
    known.deleted = find_deleted_candidates(transaction, record);
    return known;
}
}
