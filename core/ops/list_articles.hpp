#pragma once
#include "core/ops/select_articles.hpp"
#include "core/store/read/indicator_counts.hpp"

#include <functional>

namespace cti::ops {

// An article as lists show it: without its text.
struct ListedArticle {
    StoredArticle article;
    std::vector<store::TypeCount> indicators; // the most frequent type first
};

struct ListOptions {
    SelectionOptions selection;
    bool counts_indicators = true;
};

// Calls use() for each selected article, in their order and in one snapshot. Indicators are counted for these
// alone, a portion at a time. `use` may throw to stop. Returns whether the limit left any out. Throws
// Error(usage).
bool list_articles(const Environment& environment, const ListOptions& options,
                   const std::function<void(const ListedArticle&)>& use);
}
