#include "core/store/own/seen_entries.hpp"

#include "core/base/text.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>
#include <unordered_set>

namespace cti::store {
namespace {

constexpr int k_max_entries = 20000; // of one source
constexpr int k_slack = 2000;        // above it, so that not every check has to tidy up
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
    return entry;
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
    db::TextArray entry_key, link_key, content_key, reason, label, article_id, page_tries;
};

void add(db::TextArray& column, const std::optional<int>& number) {
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
}
}

std::vector<std::optional<SeenEntry>> find_seen(db::Transaction& transaction, int source_id,
                                                const std::vector<EntryKey>& keys) {
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
    const auto sql = fmt::format(R"sql(
        SELECT e.entry_key, e.link_key, e.content_key, e.reason, e.article_id, e.label, e.page_tries, k.position
        FROM unnest({1}::text[], {2}::text[]) WITH ORDINALITY AS k (entry_key, link_key, position)
        CROSS JOIN LATERAL (
            SELECT * FROM (
                (SELECT 0 AS rank, s.* FROM cti.seen_entries s WHERE s.source_id = {0}::int AND s.entry_key = k.entry_key)
                UNION ALL
                (SELECT 1 AS rank, s.* FROM cti.seen_entries s
                 WHERE s.source_id = {0}::int AND s.link_key = k.link_key AND s.link_key <> '' LIMIT 10)
            ) AS s
            WHERE s.article_id IS NULL OR EXISTS (SELECT 1 FROM public.articles a WHERE a.id = s.article_id)
            ORDER BY s.rank, s.reason <> '', s.entry_key
            LIMIT 1
        ) AS e)sql",
                                 id, by_entry, by_link);
    for (const auto& row : run(transaction, sql, params))
        found.at(number<std::size_t>(row[7]) - 1) = read_entry(row);
    return found;
}

std::vector<SeenEntry> recent_dropped(db::Transaction& transaction, int source_id, int limit) {
    db::Params params;
    const auto sql = fmt::format(R"sql(
        SELECT entry_key, link_key, content_key, reason, article_id, label, page_tries
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
                        &batch.article_id, &batch.page_tries})
        arrays += fmt::format("{}{}::text[]", arrays.empty() ? "" : ", ", params.add(array->finish()));
    const auto sql = fmt::format(R"sql(
        INSERT INTO cti.seen_entries AS s (source_id, entry_key, link_key, content_key, reason, label, article_id, page_tries)
        SELECT {}::int, e.entry_key, e.link_key, e.content_key, e.reason, e.label, e.article_id::int, e.page_tries::smallint
        FROM unnest({}) AS e (entry_key, link_key, content_key, reason, label, article_id, page_tries)
        ON CONFLICT (source_id, entry_key) DO UPDATE
        SET link_key = excluded.link_key, content_key = excluded.content_key, reason = excluded.reason,
            label = excluded.label, article_id = excluded.article_id, page_tries = excluded.page_tries, last_seen = now()
        WHERE s.last_seen < now() - interval '1 day'
           OR (s.link_key, s.content_key, s.reason, s.label) <> (excluded.link_key, excluded.content_key, excluded.reason, excluded.label)
           OR (s.article_id, s.page_tries) IS DISTINCT FROM (excluded.article_id, excluded.page_tries)
        RETURNING 1)sql",
                                 id, arrays);
    if (!run(transaction, sql, params).empty()) forget_oldest(transaction, source_id);
}
}
