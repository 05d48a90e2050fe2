#pragma once
#include "core/ops/read_article.hpp"
#include "core/ops/select_articles.hpp"
#include "core/store/read/indicator_counts.hpp"

#include <functional>
#include <optional>

namespace cti::ops {

// An article as lists show it: without its text.
struct ListedArticle {
    StoredArticle article;
    std::vector<store::TypeCount> indicators; // the most frequent type first
    std::optional<Time> read_at;              // when the reader has read it
};

struct ListOptions {
    SelectionOptions selection;
    bool counts_indicators = true;
    std::string reader; // whose marks count; "": nobody's
    bool only_unread = false;
};

// Calls use() for each selected article, in their order and in one snapshot. Indicators are counted for these
// alone, a portion at a time. `use` may throw to stop. Returns whether the limit left any out. Throws
// Error(usage).
bool list_articles(const Environment& environment, const ListOptions& options,
                   const std::function<void(const ListedArticle&)>& use);

// The unread one with the highest score, of equal ones the newest: what matters most comes first, and of
// reports of the same weight the news. Those without a score come last. `others`: how many more are unread,
// counted to k_max_unread at most.
constexpr long k_max_unread = 1000;
struct NextArticle {
    WholeArticle whole;
    long others = 0;
};
std::optional<NextArticle> find_next(const Environment& environment, const ListOptions& given);

enum class ReadMark { read, unread };
// Marks the articles for the reader; returns how many changed.
long mark_articles(const Environment& environment, const std::string& reader, const std::vector<int>& ids,
                   ReadMark mark);
long mark_selected(const Environment& environment, const ListOptions& options, ReadMark mark);
}
