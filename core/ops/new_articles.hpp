#pragma once
#include "core/ops/environment.hpp"
#include "core/store/read/articles.hpp"
#include "core/store/read/indicator_counts.hpp"

#include <vector>

namespace cti::ops {

// What a run has brought, in few words.
struct NewArticles {
    std::vector<StoredArticle> best; // by score, without their texts
    store::FrequentValues cves, techniques;
};

// ids: those that the run has stored; of very many the newest. best, values: how many are named.
NewArticles sum_up_articles(const Environment& environment, std::vector<int> ids, int best, int values);
}
