#pragma once
#include "core/db/schema.hpp"
#include "core/search/query.hpp"

#include <optional>
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
    std::optional<std::vector<int>> ids; // and one of these: what the indexes say
};
// Asks the indexes first: where they name few articles, nothing else is looked at. The planner cannot know
// how few fit, and would go through all articles by their dates.
SearchCondition make_condition(db::Transaction& transaction, const search::Query& query,
                               const db::Schema& schema, const std::string& zone, db::Params& params);

// All articles up to this id have their words in the index.
long read_indexed_to(db::Transaction& transaction);
// How many are not; counts to `max`.
long count_unindexed(db::Transaction& transaction, long max);
}
