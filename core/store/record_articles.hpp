#pragma once
#include "core/store/record.hpp"

#include <vector>

// What record_check() and record_import() share: articles, and the entries that they were made of.
namespace cti::store {

void lock_keys(db::Transaction& transaction, const std::vector<Article>& articles,
               const std::vector<ArticleUpdate>& updates);

// The caller holds the locks, lock_keys() last. Adds to `recorded` what became of them.
void record_articles(db::Transaction& transaction, const db::Schema& schema, const ArticleRecord& record,
                     const std::vector<ArticleUpdate>& updates, Recorded& recorded);
}
