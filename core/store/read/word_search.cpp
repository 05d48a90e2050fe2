#include "core/store/read/word_search.hpp"

#include "core/base/hex.hpp"
#include "core/search/word_blocks.hpp"
#include "core/search/words.hpp"
#include "core/store/own/progress.hpp"
#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {
constexpr int k_texts_at_once = 500;

void sort_unique(std::vector<int>& ids) {
    if (!std::ranges::is_sorted(ids)) std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// Of each range the block of each segment in which it may begin, and those that begin within it.
std::string declare_blocks(const std::vector<search::TermRange>& ranges, db::Params& params) {
    db::TextArray firsts, ends;
    for (const auto& range : ranges) {
        firsts.add(to_hex(range.first));
        ends.add(to_hex(range.end));
    }
    const auto first = params.add(firsts.finish()), end = params.add(ends.finish());
    return fmt::format(R"sql(
        DECLARE cti_word_blocks NO SCROLL CURSOR FOR
        SELECT r.place, s.segment, encode(b.postings, 'hex')
        FROM unnest({}::text[], {}::text[]) WITH ORDINALITY AS r (first, beyond, place)
        CROSS JOIN cti.word_segments s
        CROSS JOIN LATERAL (
            (SELECT w.postings
             FROM cti.word_blocks w
             WHERE w.segment = s.segment AND w.first_term <= decode(r.first, 'hex')
             ORDER BY w.first_term DESC
             LIMIT 1)
            UNION ALL
            SELECT w.postings
            FROM cti.word_blocks w
            WHERE w.segment = s.segment AND w.first_term > decode(r.first, 'hex') AND w.first_term < decode(r.beyond, 'hex')
        ) AS b)sql",
                       first, end);
}
}

Indexed read_indexed(db::Transaction& transaction) {
    Indexed indexed{{"words", search::k_terms_version}, 0};
    indexed.done_to = read_progress(transaction, progress_of(indexed.step));
    return indexed;
}

long count_unindexed(db::Transaction& transaction, const db::Schema& schema, long max) {
    const auto indexed = read_indexed(transaction);
    return count_pending(transaction, schema, indexed.step, indexed.done_to, max);
}

void WordSearch::begin() {
    if (m_has_begun) return;
    m_indexed = read_indexed(m_transaction);
    m_segments = read_segments(m_transaction);
    m_masks = find_masks(m_segments);
    m_has_begun = true;
}

search::ArticleSet WordSearch::find(const search::Node& words) {
    begin();
    const auto ranges = search::term_ranges(words);
    const auto found = look_up(ranges);
    auto set = search::evaluate(words, [&](const search::TermRange& range) -> const std::vector<int>& {
        return found[static_cast<std::size_t>(std::ranges::find(ranges, range) - ranges.begin())];
    });
    add_unindexed(words, set);
    return set;
}

std::vector<int> WordSearch::read_matching(const std::vector<int>& ids, const search::Node& words) {
    constexpr std::size_t bytes_at_once = 4 << 20, most_at_once = 512;
    db::Params params;
    const auto sql =
        fmt::format("DECLARE cti_texts NO SCROLL CURSOR FOR SELECT id, title, content FROM public.articles "
                    "WHERE id = ANY ({}::int[])",
                    params.add(int_array(ids)));
    run(m_transaction, sql, params);
    std::vector<int> matching;
    for (std::size_t size = 8;;) {
        const auto rows = run(m_transaction, fmt::format("FETCH {} FROM cti_texts", size));
        if (rows.empty()) break;
        std::size_t largest = 1;
        for (const auto& row : rows) {
            const auto content = view(row[2]);
            largest = std::max(largest, content.size());
            if (search::matches(words, search::fold_words(view(row[1])), search::fold_words(content)))
                matching.push_back(number<int>(row[0]));
        }
        size = std::clamp(bytes_at_once / largest, std::size_t(1), std::min(size * 2, most_at_once));
    }
    run(m_transaction, "CLOSE cti_texts");
    sort_unique(matching);
    return matching;
}

// By the places of the ranges.
std::vector<std::vector<int>> WordSearch::look_up(const std::vector<search::TermRange>& ranges) {
    std::vector<std::vector<int>> found(ranges.size());
    if (m_segments.empty()) return found;
    db::Params params;
    const auto sql = declare_blocks(ranges, params);
    run(m_transaction, sql, params);
    for (;;) {
        constexpr long many = 1 << 22; // of a prefix, an article may come once for each word
        const auto rows = run(m_transaction, "FETCH 64 FROM cti_word_blocks");
        if (rows.empty()) break;
        for (const auto& row : rows) {
            const auto place = number<std::size_t>(row[0]) - 1;
            const auto segment =
                std::ranges::lower_bound(m_segments, number<int>(row[1]), {}, &Segment::number);
            look_up_one(found[place], ranges[place], from_hex(view(row[2])),
                        static_cast<std::size_t>(segment - m_segments.begin()));
            if (std::ssize(found[place]) > many) sort_unique(found[place]);
        }
    }
    run(m_transaction, "CLOSE cti_word_blocks");
    for (auto& ids : found) sort_unique(ids);
    return found;
}

void WordSearch::look_up_one(std::vector<int>& ids, const search::TermRange& range, std::string_view block,
                             std::size_t segment) const {
    const auto begin = static_cast<std::ptrdiff_t>(ids.size());
    for (search::BlockReader reader(block, m_segments[segment].first_id); reader.next();) {
        if (reader.term() < range.first) continue;
        if (range.end.empty() ? reader.term() != range.first : reader.term() >= range.end) break;
        reader.append_ids(ids);
    }
    const auto& mask = m_masks[segment];
    if (mask.empty()) return;
    ids.erase(std::remove_if(ids.begin() + begin, ids.end(),
                             [&](int id) { return std::ranges::binary_search(mask, id); }),
              ids.end());
}

// What the index has of them, if anything, is of another text.
void WordSearch::add_unindexed(const search::Node& words, search::ArticleSet& set) {
    if (m_all_indexed) return;
    std::vector<int> unindexed, matching;
    for_each_pending(m_transaction, m_schema, m_indexed.step, m_indexed.done_to, k_texts_at_once,
                     [&](const PendingArticle& article) {
                         unindexed.push_back(article.id);
                         if (search::matches(words, search::fold_words(article.title),
                                             search::fold_words(article.content)))
                             matching.push_back(article.id);
                     });
    m_all_indexed = unindexed.empty();
    if (m_all_indexed) return;
    sort_unique(unindexed), sort_unique(matching);
    set = search::in_both(set, {std::move(unindexed), true});
    set = search::in_either(set, {std::move(matching), false});
}
}
