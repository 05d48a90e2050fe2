#pragma once
#include "core/db/database.hpp"
#include "core/model/indicator.hpp"

#include <unordered_map>
#include <vector>

namespace cti::store {

struct TypeCount {
    Named<IndicatorType> type;
    long indicators = 0;
};

// How many different values of each type the articles hold, of which nothing speaks against; the type with
// the most comes first. Articles without any have no entry.
std::unordered_map<int, std::vector<TypeCount>> count_indicators(db::Transaction& transaction,
                                                                 const std::vector<int>& article_ids);
}
