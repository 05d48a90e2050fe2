#pragma once
#include "core/store/own/derived.hpp"

#include <optional>
#include <span>
#include <vector>

// The search index: cti.word_segments and cti.word_blocks. A segment is of some hundred articles at first;
// where there are many of one size they become one, so that a search looks into few.
namespace cti::store {

// Writes what the index is to have of these articles (article->terms) as a segment. What older segments have
// of them no longer counts.
void insert_segment(db::Transaction& transaction, const std::vector<DerivedArticle>& articles);

struct Segment {
    int number = 0; // rises: the later one knows better
    long articles = 0;
    int first_id = 0, last_id = 0;
    std::vector<int> replaced; // of its articles those that older segments have too, in another text
};
// By their numbers.
std::vector<Segment> read_segments(db::Transaction& transaction);

// Of each of them the articles that later ones have too, ascending: there its ids do not count.
std::vector<std::vector<int>> find_masks(std::span<const Segment> segments);

// Of so many neighbours of one size one is made.
constexpr std::size_t k_merged_segments = 8;
// Which neighbours to join next, the small ones first; empty: none.
std::span<const Segment> choose_to_merge(std::span<const Segment> segments);
// Joins them, without what no longer counts and without articles that are gone. Returns of how many articles
// the segment is that was made; 0: there is nothing to join, or somebody else is at it.
long merge_next(db::Transaction& transaction);

// All of them, to be made anew.
void remove_segments(db::Transaction& transaction);

// Empties cti.article_words, which older programs search in, and tells them to read the articles themselves.
void remove_old_index(db::Transaction& transaction);
}
