#pragma once
#include "core/db/schema.hpp"
#include "core/search/query.hpp"

#include <string>
#include <vector>

// Queries as conditions on public.articles, and the words that they look into: cti.article_words.
namespace cti::db {
class Params;
}

namespace cti::store {

// What a query asks of the row `a` of public.articles: `where`, which refers to the subqueries of `with`
// (each "name AS (…)"). All values are parameters. Articles whose words are not yet in the index are read
// themselves, so that the index is never more than a shortcut.
struct SearchCondition {
    std::vector<std::string> with;
    std::string where;
};
SearchCondition make_condition(const search::Query& query, const db::Schema& schema, const std::string& zone,
                               long indexed_to, db::Params& params);

// All articles up to this id have their words in the index.
long read_indexed_to(db::Transaction& transaction);
// How many are not; counts to `max`.
long count_unindexed(db::Transaction& transaction, long max);
}
