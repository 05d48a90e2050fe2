#pragma once
#include "core/db/schema.hpp"
#include "core/search/query.hpp"

#include <optional>
#include <string>
#include <vector>

// Queries as conditions on public.articles, by what the indexes say of them.
namespace cti::db {
class Params;
}

namespace cti::store {

// What a query asks of the row `a` of public.articles. All values are parameters. Articles whose words are
// not yet in the index are read themselves, so that the index is never more than a shortcut.
struct SearchCondition {
    std::string where;
    // "", or what else must hold, which reads whole texts: to be asked of as few as possible
    std::string check;
    std::optional<std::vector<int>> ids; // and one of these: what the indexes say
};
// Asks the indexes first: where they name few articles, nothing else is looked at. The planner cannot know
// how few fit, and would go through all articles by their dates.
SearchCondition make_condition(db::Transaction& transaction, const search::Query& query,
                               const db::Schema& schema, const std::string& zone, db::Params& params);
}
