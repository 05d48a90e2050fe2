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

FrequentValues find_frequent(db::Transaction& transaction, IndicatorType type,
                             const std::vector<int>& article_ids, int limit) {
    FrequentValues found;
    if (article_ids.empty()) return found;
    db::Params params;
    const auto ids = params.add(int_array(article_ids)), name = params.add(name_of(type));
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT i.value, count(DISTINCT i.article_id), count(*) OVER ()
        FROM cti.indicators i
        WHERE i.article_id = ANY ({}::int[]) AND i.type = {} AND i.verdict = ''
        GROUP BY i.value
        ORDER BY count(DISTINCT i.article_id) DESC, i.value
        LIMIT {}::int)sql",
                                      ids, name, params.add(limit)),
                          params);
    for (const auto& row : rows) {
        found.first.push_back({text(row[0]), number<long>(row[1])});
        found.all = number<long>(row[2]);
    }
    return found;
}
}
