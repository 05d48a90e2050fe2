#include "core/store/read/indicator_counts.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {

std::unordered_map<int, std::vector<TypeCount>> count_indicators(db::Transaction& transaction,
                                                                 const std::vector<int>& article_ids) {
    std::unordered_map<int, std::vector<TypeCount>> counts;
    if (article_ids.empty()) return counts;
    db::Params params;
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT i.article_id, i.type, count(*)
        FROM cti.indicators i
        WHERE i.article_id = ANY ({}::int[]) AND i.verdict = ''
        GROUP BY i.article_id, i.type
        ORDER BY i.article_id, count(*) DESC, i.type)sql",
                                      params.add(int_array(article_ids))),
                          params);
    for (const auto& row : rows)
        counts[number<int>(row[0])].push_back({Named<IndicatorType>(text(row[1])), number<long>(row[2])});
    return counts;
}
}
