#pragma once
#include "core/db/database.hpp"
#include "core/model/indicator.hpp"

#include <string>
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

struct FrequentValue {
    std::string value;
    long articles = 0; // that hold it
};
struct FrequentValues {
    std::vector<FrequentValue> first; // those in the most articles
    long all = 0;                     // how many different ones there are
};
// Of one type, in these articles, of which nothing speaks against.
FrequentValues find_frequent(db::Transaction& transaction, IndicatorType type,
                             const std::vector<int>& article_ids, int limit);
}
