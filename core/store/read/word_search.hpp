#pragma once
#include "core/db/schema.hpp"
#include "core/search/word_sets.hpp"
#include "core/store/own/derived.hpp"
#include "core/store/own/word_segments.hpp"

#include <functional>
#include <vector>

// Which articles have words: of the search index, and of the texts of those that are not in it yet.
namespace cti::store {

// Articles up to `done_to` are in the index, or marked as not.
struct Indexed {
    StepDone step;
    long done_to = 0;
};
Indexed read_indexed(db::Transaction& transaction);
// How many articles are not in the index; counts to `max`.
long count_unindexed(db::Transaction& transaction, const db::Schema& schema, long max);

// For one query, in one transaction that sees one state.
class WordSearch {
public:
    // Asks nothing before the first find(): most queries of indicators and scores have no words.
    WordSearch(db::Transaction& transaction, const db::Schema& schema)
        : m_transaction(transaction), m_schema(schema) {}
    // `words` is nothing but words. Of a phrase those of the index that have all of its words.
    search::ArticleSet find(const search::Node& words);

    // Those of `ids` whose texts match `words`, phrases too: reads them, some megabytes at a time.
    std::vector<int> read_matching(const std::vector<int>& ids, const search::Node& words);

private:
    void begin();
    std::vector<std::vector<int>> look_up(const std::vector<search::TermRange>& ranges);
    void look_up_one(std::vector<int>& ids, const search::TermRange& range, std::string_view block,
                     std::size_t segment) const;
    void add_unindexed(const search::Node& words, search::ArticleSet& set);

    db::Transaction& m_transaction;
    const db::Schema& m_schema;
    Indexed m_indexed;
    std::vector<Segment> m_segments;
    std::vector<std::vector<int>> m_masks; // of each segment: what later ones know better
    bool m_has_begun = false, m_all_indexed = false;
};
}
