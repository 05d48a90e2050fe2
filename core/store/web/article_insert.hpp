#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cti::store {

using Refused = std::vector<std::pair<std::size_t, std::string>>; // candidate, and what the database said

struct InsertedArticles {
    std::vector<int> ids; // one for each candidate; 0: not inserted
    Refused refused;
};
using Deleted = std::map<std::size_t, int>; // candidates whose article somebody has deleted, and its id

// The part of record_check() that concerns new rows of public.articles and public.content_hashes. The caller
// holds lock_article_keys() for all of them. What was deleted is left out.
InsertedArticles insert_articles(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                 const std::vector<Article>& articles, const Deleted& deleted);
}
