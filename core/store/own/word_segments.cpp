#include "core/store/own/word_segments.hpp"

#include "core/base/hex.hpp"
#include "core/search/word_blocks.hpp"
#include "core/store/compression.hpp"
#include "core/store/own/progress.hpp"
#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace cti::store {
namespace {
// Articles of a segment of the lowest level; each level has eight times as many. About what a batch of the
// backfill holds.
constexpr long k_small_segment = 512;
// So that a merge takes seconds: 262,144, eight of the third level.
constexpr long k_largest_segment = k_small_segment * 8 * 8 * 8;
constexpr std::size_t k_bytes_at_once = 1 << 20;

void insert_blocks(db::Transaction& transaction, int segment, const std::vector<search::WordBlock>& blocks) {
    db::TextArray terms, postings;
    for (const auto& block : blocks) {
        terms.add(to_hex(block.first_term));
        postings.add(to_hex(block.bytes));
    }
    db::Params params;
    const auto number = params.add(segment), term = params.add(terms.finish()),
               bytes = params.add(postings.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.word_blocks (segment, first_term, postings)
        SELECT {}::int, decode(b.term, 'hex'), decode(b.bytes, 'hex')
        FROM unnest({}::text[], {}::text[]) AS b (term, bytes))sql",
                    number, term, bytes),
        params);
}

int level_of(const Segment& segment) {
    int level = 0;
    for (auto most = k_small_segment; segment.articles > most; most *= 8) ++level;
    return level;
}

// Blocks of one segment in their order, a few at a time.
class BlockCursor {
public:
    BlockCursor(db::Transaction& transaction, int segment)
        : m_transaction(transaction), m_name(fmt::format("cti_merge_{}", segment)) {
        run(transaction,
            fmt::format("DECLARE {} NO SCROLL CURSOR FOR SELECT encode(postings, 'hex') FROM cti.word_blocks "
                        "WHERE segment = {} ORDER BY first_term",
                        m_name, segment));
    }
    std::string next() {
        if (m_at == m_rows.size()) {
            m_rows = run(m_transaction, fmt::format("FETCH 16 FROM {}", m_name));
            m_at = 0;
            if (m_rows.empty()) return {};
        }
        return from_hex(view(m_rows[m_at++][0]));
    }

private:
    db::Transaction& m_transaction;
    std::string m_name;
    pqxx::result m_rows;
    pqxx::result::size_type m_at = 0;
};

// Which of the articles between two ids are there.
class Existing {
public:
    Existing(db::Transaction& transaction, int first, int last) : m_first(first) {
        constexpr long most = 1 << 24; // ids that are this far apart are not worth the memory
        if (static_cast<long>(last) - first > most) return;
        m_is_there.resize(static_cast<std::size_t>(last - first) + 1);
        db::Params params;
        const auto from = params.add(first), to = params.add(last);
        for (const auto& row :
             run(transaction,
                 fmt::format("SELECT id FROM public.articles WHERE id BETWEEN {}::int AND {}::int", from, to),
                 params))
            m_is_there[static_cast<std::size_t>(number<int>(row[0]) - first)] = true;
    }
    bool has(int id) const {
        return m_is_there.empty() || m_is_there[static_cast<std::size_t>(id - m_first)];
    }

private:
    int m_first;
    std::vector<bool> m_is_there;
};

// The segment that is made of `merged`; `older` stay beside it.
Segment describe_merged(std::span<const Segment> merged, std::span<const Segment> older) {
    Segment made = merged.back();
    made.articles = 0, made.replaced.clear();
    std::vector<int> replaced;
    for (const auto& segment : merged) {
        made.articles += segment.articles - std::ssize(segment.replaced);
        made.first_id = std::min(made.first_id, segment.first_id);
        made.last_id = std::max(made.last_id, segment.last_id);
        replaced.insert(replaced.end(), segment.replaced.begin(), segment.replaced.end());
    }
    made.articles = std::max(made.articles, 1L);
    std::ranges::sort(replaced);
    replaced.erase(std::unique(replaced.begin(), replaced.end()), replaced.end());
    for (const int id : replaced)
        if (std::ranges::any_of(older,
                                [&](const Segment& one) { return one.first_id <= id && id <= one.last_id; }))
            made.replaced.push_back(id);
    return made;
}

void insert_row(db::Transaction& transaction, const Segment& segment) {
    db::Params params;
    const auto number = params.add(segment.number), articles = params.add(segment.articles),
               first = params.add(segment.first_id), last = params.add(segment.last_id),
               replaced = params.add(int_array(segment.replaced));
    run(transaction,
        fmt::format("INSERT INTO cti.word_segments (segment, articles, first_id, last_id, replaced) "
                    "VALUES ({}::int, {}::int, {}::int, {}::int, {}::int[])",
                    number, articles, first, last, replaced),
        params);
}

// Nobody else may have joined or removed one of them meanwhile.
bool lock_segments(db::Transaction& transaction, const std::vector<int>& numbers) {
    db::Params params;
    const auto rows =
        run(transaction,
            fmt::format("SELECT 1 FROM cti.word_segments WHERE segment = ANY ({}::int[]) FOR UPDATE",
                        params.add(int_array(numbers))),
            params);
    return static_cast<std::size_t>(rows.size()) == numbers.size();
}

void delete_segments(db::Transaction& transaction, const std::vector<int>& numbers) {
    for (const auto* table : {"cti.word_blocks", "cti.word_segments"}) {
        db::Params params;
        run(transaction,
            fmt::format("DELETE FROM {} WHERE segment = ANY ({}::int[])", table,
                        params.add(int_array(numbers))),
            params);
    }
}

void merge(db::Transaction& transaction, std::span<const Segment> merged, const Segment& made) {
    std::vector<int> numbers;
    std::vector<BlockCursor> cursors;
    for (const auto& segment : merged) {
        numbers.push_back(segment.number);
        cursors.emplace_back(transaction, segment.number); // sees the blocks as they are now
    }
    std::vector<search::SegmentSource> sources;
    for (std::size_t i = 0; i < merged.size(); ++i)
        sources.push_back({merged[i].first_id, [&cursor = cursors[i]] { return cursor.next(); }});
    delete_segments(transaction, numbers);
    insert_row(transaction, made);
    compress_fast(transaction);
    const Existing existing(transaction, made.first_id, made.last_id);
    const auto masks = find_masks(merged);
    std::vector<search::WordBlock> waiting;
    std::size_t bytes = 0;
    const auto flush = [&] {
        if (!waiting.empty()) insert_blocks(transaction, made.number, waiting);
        waiting.clear(), bytes = 0;
    };
    search::merge_segments(
        sources, made.first_id,
        [&](std::size_t source, int id) {
            return existing.has(id) && !std::ranges::binary_search(masks[source], id);
        },
        [&](search::WordBlock&& block) {
            bytes += block.bytes.size();
            waiting.push_back(std::move(block));
            if (bytes >= k_bytes_at_once) flush();
        });
    flush();
}
}

void insert_segment(db::Transaction& transaction, const std::vector<DerivedArticle>& articles) {
    std::vector<search::IndexedArticle> indexed;
    for (const auto& item : articles)
        if (item.article->terms) indexed.push_back({item.article_id, *item.article->terms});
    if (indexed.empty()) return;
    std::ranges::sort(indexed, {}, &search::IndexedArticle::id);
    std::vector<int> ids;
    for (const auto& item : indexed) ids.push_back(item.id);
    compress_fast(transaction);
    db::Params params;
    const auto all = params.add(int_array(ids)), first = params.add(ids.front()),
               last = params.add(ids.back());
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        INSERT INTO cti.word_segments (articles, first_id, last_id, replaced)
        SELECT cardinality({0}::int[]), {1}::int, {2}::int, ARRAY(
            SELECT n.id
            FROM unnest({0}::int[]) AS n (id)
            WHERE EXISTS (SELECT 1 FROM cti.word_segments s WHERE n.id BETWEEN s.first_id AND s.last_id)
            ORDER BY n.id)
        RETURNING segment)sql",
                                      all, first, last),
                          params);
    insert_blocks(transaction, number<int>(rows[0][0]), search::make_segment(indexed));
}

std::vector<Segment> read_segments(db::Transaction& transaction) {
    std::vector<Segment> segments;
    for (const auto& row :
         run(transaction, "SELECT segment, articles, first_id, last_id, replaced FROM cti.word_segments "
                          "ORDER BY segment"))
        segments.push_back({number<int>(row[0]), number<long>(row[1]), number<int>(row[2]),
                            number<int>(row[3]), read_int_array(view(row[4]))});
    return segments;
}

std::vector<std::vector<int>> find_masks(std::span<const Segment> segments) {
    std::vector<std::vector<int>> masks(segments.size());
    for (auto i = segments.size(); i-- > 1;) {
        std::ranges::set_union(masks[i], segments[i].replaced, std::back_inserter(masks[i - 1]));
    }
    return masks;
}

std::span<const Segment> choose_to_merge(std::span<const Segment> segments) {
    for (int level = 0; (k_small_segment << (3 * level)) < k_largest_segment; ++level) {
        std::size_t begin = 0;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            if (level_of(segments[i]) > level) begin = i + 1;
            if (i + 1 - begin == k_merged_segments) return segments.subspan(begin, k_merged_segments);
        }
    }
    return {};
}

long merge_next(db::Transaction& transaction) {
    // The next number after those of migrations and of new sources, which nobody else uses.
    if (!flag(run(transaction, "SELECT pg_try_advisory_xact_lock(6582889003)")[0][0])) return 0;
    const auto segments = read_segments(transaction);
    const auto chosen = choose_to_merge(segments);
    if (chosen.empty()) return 0;
    std::vector<int> numbers;
    for (const auto& segment : chosen) numbers.push_back(segment.number);
    if (!lock_segments(transaction, numbers)) return 0;
    const auto older = static_cast<std::size_t>(chosen.data() - segments.data());
    const auto made = describe_merged(chosen, std::span(segments).first(older));
    merge(transaction, chosen, made);
    return made.articles;
}

void remove_segments(db::Transaction& transaction) {
    run_script(transaction, "DELETE FROM cti.word_blocks; DELETE FROM cti.word_segments");
}

void remove_old_index(db::Transaction& transaction) {
    const auto row = run(transaction, R"sql(
        SELECT EXISTS (SELECT 1 FROM cti.article_words), has_table_privilege('cti.article_words', 'TRUNCATE'))sql")
        [0];
    if (!flag(row[0])) return;
    forget_progress(transaction, "words");
    run(transaction, flag(row[1]) ? "TRUNCATE cti.article_words" : "DELETE FROM cti.article_words");
}
}
