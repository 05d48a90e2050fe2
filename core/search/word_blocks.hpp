#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The form in which the search index is kept: a segment is of so many articles and has, for each term, the
// ids of those that have it. It is stored in blocks, each of the next terms in the order of their bytes, as
// tables of sorted strings are elsewhere:
//
//   block    = entry …
//   entry    = shared rest-size rest ids-size ids
//   shared   how many bytes of the term before are those of this one; 0 for the first of a block
//   ids      differences: from the segment's first id, then each from the one before; ascending
//
// Numbers are LEB128 (seven bits a byte, the low ones first).
namespace cti::search {

// Of so many bytes a block is full: few rows, and little to read for one term. PostgreSQL keeps such a row
// outside of the table's own page, compressed.
constexpr std::size_t k_full_block = 8000;

struct WordBlock {
    std::string first_term, bytes;
};

class BlockWriter {
public:
    // `sink` gets each block that is full, and the last one at finish().
    BlockWriter(int first_id, std::function<void(WordBlock&&)> sink)
        : m_first_id(first_id), m_sink(std::move(sink)) {}
    // Terms in ascending order, each once; ids ascending, each once, none below the first.
    void add(std::string_view term, std::span<const int> ids);
    void finish();

private:
    int m_first_id;
    std::function<void(WordBlock&&)> m_sink;
    WordBlock m_block;
    std::string m_last_term, m_ids;
};

// Goes through the terms of a block. Throws Error(check) for bytes that are no block.
class BlockReader {
public:
    BlockReader() = default;
    BlockReader(std::string_view bytes, int first_id) : m_bytes(bytes), m_first_id(first_id) {}
    bool next(); // false: there are no more
    std::string_view term() const { return m_term; }
    void append_ids(std::vector<int>& ids) const;

private:
    std::string_view m_bytes, m_ids;
    std::string m_term;
    int m_first_id = 0;
};

// Collects the terms of articles, by rising id.
struct IndexedArticle {
    int id;
    std::string_view terms; // of find_terms()
};
std::vector<WordBlock> make_segment(std::span<const IndexedArticle> articles);

// One of the segments that become one: hands out its blocks one after the other, "" at the end.
struct SegmentSource {
    int first_id;
    std::function<std::string()> next_block;
};
// What all of them have, of the articles that `keeps(source, id)` names; at most so many at once are in
// memory as there are sources.
void merge_segments(std::span<SegmentSource> sources, int first_id,
                    const std::function<bool(std::size_t, int)>& keeps,
                    const std::function<void(WordBlock&&)>& sink);
}
