#pragma once
#include "core/db/schema.hpp"

#include <cstdint>
#include <optional>
#include <vector>

// Articles whose text is nearly the same: simhashes that differ in at most 3 of 64 bits. They are found by
// four indexed bands of 16 bits, of which at least one is then equal.
namespace cti::store {

constexpr int k_max_distance = 3;
// Of texts with fewer words, and of simhash 0 (no words at all), likeness says nothing.
constexpr int k_min_words_to_compare = 20;

struct Near {
    int article_id = 0, distance = 0;
};
// For each simhash the article with the lowest id within the distance. 0 is near nothing.
std::vector<std::optional<Near>> find_near(db::Transaction& transaction,
                                           const std::vector<std::uint64_t>& simhashes,
                                           int max_distance = k_max_distance);

struct NewSimhash {
    int article_id = 0;
    std::uint64_t simhash = 0;
};
// Adds the articles to the index and links each to the first that it is near to, of those that are committed;
// returns how many are near to one. record_check() does this.
int index_simhashes(db::Transaction& transaction, const std::vector<NewSimhash>& articles);
// Links articles that two writers stored at the same moment, of which neither saw the other's. To be called
// after the commit, with the articles that it stored: whoever comes last sees both.
void link_simultaneous(db::Transaction& transaction, const std::vector<int>& articles);
// The new simhash of an article whose text has changed.
void replace_simhashes(db::Transaction& transaction, const std::vector<NewSimhash>& articles);

// Adds articles that the web service or an earlier version stored, by the simhashes in their rows. For
// near_duplicates of their own it is too late.
void copy_simhashes(db::Transaction& transaction, const db::Schema& schema,
                    const std::vector<int>& article_ids);
}
