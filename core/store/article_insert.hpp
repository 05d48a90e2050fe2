#pragma once
#include "core/store/record.hpp"

namespace cti::store {

// The part of record_check() that concerns public.articles and public.content_hashes. The caller holds
// take_turn().
Recorded insert_articles(Transaction& transaction, const Schema& schema, int source_id,
                         const std::vector<Article>& articles);
}
