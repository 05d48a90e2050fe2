#include "core/store/own/seen_entries.hpp"

#include "core/base/text.hpp"
#include "core/store/sql.hpp"

#include <charconv>
#include <fmt/format.h>
#include <unordered_set>

namespace cti::store {
namespace {

constexpr int k_max_entries = 20000; // of one source
constexpr int k_slack = 2000;        // above it, so that not every check has to tidy up
constexpr int k_max_alike = 100;     // entries with one link or one text that are looked at
constexpr std::size_t k_max_label = 200, k_max_reason = 100; // characters

SeenEntry read_entry(const pqxx::row& row) {
    SeenEntry entry;
    entry.entry_key = text(row[0]);
    entry.link_key = text(row[1]);
    entry.content_key = text(row[2]);
    entry.reason = Named<DropReason>(text(row[3]));
    entry.article_id = maybe_number<int>(row[4]);
    entry.label = text(row[5]);
    entry.page_tries = maybe_number<int>(row[6]);
    entry.text_key = maybe_number<std::int64_t>(row[7]);
    return entry;
}

// An article that is there again, out of a backup, is known.
void settle_deleted(SeenEntry& entry, bool is_gone) {
    if (is_gone)
        entry.reason = DropReason::deleted;
    else if (entry.reason == DropReason::deleted)
        entry.reason = DropReason::none;
}

// A hostile feed has entries without end; those of the last days are worth remembering.
void forget_oldest(db::Transaction& transaction, int source_id) {
    db::Params ask;
    const auto is_full =
        fmt::format("SELECT 1 FROM cti.seen_entries WHERE source_id = {}::int OFFSET {} LIMIT 1",
                    ask.add(source_id), k_max_entries + k_slack);
    if (run(transaction, is_full, ask).empty()) return;
    db::Params params;
    run(transaction,
        fmt::format(R"sql(
        DELETE FROM cti.seen_entries
        WHERE source_id = {0}::int
          AND entry_key IN (SELECT entry_key
                            FROM cti.seen_entries
                            WHERE source_id = {0}::int
                            ORDER BY last_seen DESC, first_seen DESC, entry_key
                            OFFSET {1}))sql",
                    params.add(source_id), k_max_entries),
        params);
}

// One text array for each column of "e" in the statement below.
struct Batch {
    db::TextArray entry_key, link_key, content_key, reason, label, article_id, page_tries, text_key;
};

template <class Number>
void add(db::TextArray& column, const std::optional<Number>& number) {
    if (number)
        column.add(std::to_string(*number));
    else
        column.add_null();
}

void add(Batch& batch, const SeenEntry& entry) {
    batch.entry_key.add(entry.entry_key);
    batch.link_key.add(entry.link_key);
    batch.content_key.add(entry.content_key);
    batch.reason.add(head_code_points(entry.reason.name(), k_max_reason));
    batch.label.add(head_code_points(entry.label, k_max_label));
    add(batch.article_id, entry.article_id);
    add(batch.page_tries, entry.page_tries);
    add(batch.text_key, entry.text_key);
}
}

std::vector<std::optional<SeenEntry>> find_seen(db::Transaction& transaction, int source_id,
                                                const std::vector<EntryKey>& keys, DeletedArticles deleted) {
    std::vector<std::optional<SeenEntry>> found(keys.size());
    if (keys.empty()) return found;
    db::TextArray entry_keys, link_keys;
    for (const auto& key : keys) {
        entry_keys.add(key.entry_key);
        link_keys.add(key.link_key);
    }
    db::Params params;
    const auto id = params.add(source_id), by_entry = params.add(entry_keys.finish()),
               by_link = params.add(link_keys.finish());
    const auto sql = fmt::format(
        R"sql(
        SELECT e.entry_key, e.link_key, e.content_key, e.reason, e.article_id, e.label, e.page_tries, e.text_key,
               k.position, e.is_gone
        FROM unnest({1}::text[], {2}::text[]) WITH ORDINALITY AS k (entry_key, link_key, position)
        CROSS JOIN LATERAL (
            SELECT s.*, s.article_id IS NOT NULL AND a.id IS NULL AS is_gone FROM (
                (SELECT 0 AS rank, s.* FROM cti.seen_entries s WHERE s.source_id = {0}::int AND s.entry_key = k.entry_key)
                UNION ALL
                (SELECT 1 AS rank, s.* FROM cti.seen_entries s
                 WHERE s.source_id = {0}::int AND s.link_key = k.link_key AND s.link_key <> '' LIMIT 10)
            ) AS s
            LEFT JOIN LATERAL (SELECT id FROM public.articles WHERE id = s.article_id LIMIT 1) AS a ON true
            {3}
            ORDER BY s.rank, s.article_id IS NOT NULL AND a.id IS NULL, s.reason <> '', s.entry_key
            LIMIT 1
        ) AS e)sql",
        id, by_entry, by_link,
        deleted == DeletedArticles::come_back ? "WHERE s.article_id IS NULL OR a.id IS NOT NULL" : "");
    for (const auto& row : run(transaction, sql, params)) {
        auto& entry = found.at(number<std::size_t>(row[8]) - 1).emplace(read_entry(row));
        settle_deleted(entry, flag(row[9]));
    }
    return found;
}

std::optional<std::int64_t> make_text_key(std::string_view hash) {
    constexpr std::size_t k_digits = 16;
    std::uint64_t key = 0;
    const auto* const end = hash.data() + std::min(hash.size(), k_digits);
    const auto [at, fault] = std::from_chars(hash.data(), end, key, 16);
    if (hash.size() < k_digits || fault != std::errc() || at != end) return std::nullopt;
    return static_cast<std::int64_t>(key);
}

std::map<std::size_t, int> find_deleted(db::Transaction& transaction,
                                        const std::vector<ArticleMarks>& marks) {
    db::TextArray candidates, links, texts;
    for (const auto& mark : marks) {
        candidates.add(std::to_string(mark.candidate));
        links.add(mark.link_key);
        texts.add(fmt::format("{{{}}}", fmt::join(mark.text_keys, ",")));
    }
    db::Params params;
    const auto candidate = params.add(candidates.finish()), link = params.add(links.finish()),
               text_keys = params.add(texts.finish());
    // A hostile feed repeats a link or a text without end; of many one tells enough.
    const auto sql = fmt::format(R"sql(
        SELECT m.candidate, e.article_id
        FROM unnest({0}::text[], {1}::text[], {2}::text[]) AS m (candidate, link_key, text_keys)
        CROSS JOIN LATERAL (
            SELECT s.article_id FROM (
                (SELECT l.article_id FROM cti.seen_entries l
                 WHERE l.link_key = m.link_key AND l.link_key <> '' AND l.article_id IS NOT NULL LIMIT {3})
                UNION ALL
                (SELECT t.article_id FROM cti.seen_entries t
                 WHERE t.text_key = ANY (m.text_keys::bigint[]) AND t.text_key IS NOT NULL AND t.article_id IS NOT NULL LIMIT {3})
            ) AS s
            WHERE NOT EXISTS (SELECT 1 FROM public.articles a WHERE a.id = s.article_id)
            LIMIT 1
        ) AS e)sql",
                                 candidate, link, text_keys, k_max_alike);
    std::map<std::size_t, int> deleted;
    for (const auto& row : run(transaction, sql, params))
        deleted.emplace(number<std::size_t>(row[0]), number<int>(row[1]));
    return deleted;
}

std::vector<SeenEntry> recent_dropped(db::Transaction& transaction, int source_id, int limit) {
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT entry_key, link_key, content_key, reason, article_id, label, page_tries, text_key
        FROM cti.seen_entries
        WHERE source_id = {}::int AND reason <> ''
        ORDER BY first_seen DESC, entry_key
        LIMIT {}::int)sql",
                                 params.add(source_id), params.add(limit));
    std::vector<SeenEntry> dropped;
    for (const auto& row : run(transaction, sql, params)) dropped.push_back(read_entry(row));
    return dropped;
}

void remember_seen(db::Transaction& transaction, int source_id, const std::vector<SeenEntry>& entries) {
    Batch batch;
    std::unordered_set<std::string_view> keys; // One statement may not write a row twice: the first counts.
    for (const auto& entry : entries)
        if (!entry.entry_key.empty() && keys.insert(entry.entry_key).second) add(batch, entry);
    if (keys.empty()) return;
    db::Params params;
    const auto id = params.add(source_id);
    std::string arrays;
    for (auto* array : {&batch.entry_key, &batch.link_key, &batch.content_key, &batch.reason, &batch.label,
                        &batch.article_id, &batch.page_tries, &batch.text_key})
        arrays += fmt::format("{}{}::text[]", arrays.empty() ? "" : ", ", params.add(array->finish()));
    const auto sql = fmt::format(R"sql(
        INSERT INTO cti.seen_entries AS s (source_id, entry_key, link_key, content_key, reason, label, article_id, page_tries, text_key)
        SELECT {}::int, e.entry_key, e.link_key, e.content_key, e.reason, e.label, e.article_id::int, e.page_tries::smallint, e.text_key::bigint
        FROM unnest({}) AS e (entry_key, link_key, content_key, reason, label, article_id, page_tries, text_key)
        ON CONFLICT (source_id, entry_key) DO UPDATE
        SET link_key = excluded.link_key, content_key = excluded.content_key, reason = excluded.reason,
            label = excluded.label, article_id = excluded.article_id, page_tries = excluded.page_tries,
            text_key = excluded.text_key, last_seen = now()
        WHERE s.last_seen < now() - interval '1 day'
           OR (s.link_key, s.content_key, s.reason, s.label) <> (excluded.link_key, excluded.content_key, excluded.reason, excluded.label)
           OR (s.article_id, s.page_tries, s.text_key)
              IS DISTINCT FROM (excluded.article_id, excluded.page_tries, excluded.text_key)
        RETURNING 1)sql",
                                 id, arrays);
    if (!run(transaction, sql, params).empty()) forget_oldest(transaction, source_id);
}
}
