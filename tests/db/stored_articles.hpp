#pragma once
#include "core/store/record.hpp"
#include "test_database.hpp"

#include <utility>
#include <vector>

// Stores them as of one check of the source.
inline void store_articles(Ready& ready, std::vector<cti::Article> articles) {
    cti::store::CheckRecord record;
    record.source_id = ready.source_id;
    record.articles = std::move(articles);
    auto transaction = ready.begin();
    cti::store::record_check(transaction, ready.schema, record);
    transaction.commit();
}
// make_article() of 1 to count: in an empty database their ids.
inline void store_articles(Ready& ready, int count) {
    std::vector<cti::Article> articles;
    for (int i = 1; i <= count; ++i) articles.push_back(make_article(i));
    store_articles(ready, std::move(articles));
}
