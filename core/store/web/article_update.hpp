#pragma once
#include "core/store/record.hpp"

#include <vector>

// The part of record_check() that concerns rows of public.articles whose text has changed.
namespace cti::store {

// Those that may be changed as far as the row itself says, locked against new annotations; before
// lock_article_keys().
std::vector<ArticleUpdate> lock_updates(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                        const std::vector<ArticleUpdate>& updates);
// Returns the ids of the rows that were changed. The caller holds their lock_article_keys().
std::vector<int> update_articles(db::Transaction& transaction, const db::Schema& schema,
                                 const std::vector<ArticleUpdate>& updates);
}
