#include "core/store/own/read_marks.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {

long mark_read(db::Transaction& transaction, std::string_view reader, const std::vector<int>& article_ids) {
    db::Params params;
    const auto ids = params.add(int_array(article_ids)), name = params.add(reader);
    // In one order, so that two of the same name do not wait for each other in a circle.
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        INSERT INTO cti.read_marks (article_id, reader)
        SELECT DISTINCT n.id, {}
        FROM unnest({}::int[]) AS n (id)
        ORDER BY n.id
        ON CONFLICT DO NOTHING)sql",
                                      name, ids),
                          params);
    return static_cast<long>(rows.affected_rows());
}

long mark_unread(db::Transaction& transaction, std::string_view reader, const std::vector<int>& article_ids) {
    db::Params params;
    const auto ids = params.add(int_array(article_ids)), name = params.add(reader);
    const auto rows =
        run(transaction,
            fmt::format("DELETE FROM cti.read_marks WHERE article_id = ANY ({}::int[]) AND reader = {}", ids,
                        name),
            params);
    return static_cast<long>(rows.affected_rows());
}

std::unordered_map<int, Time> find_read(db::Transaction& transaction, std::string_view reader,
                                        const std::vector<int>& article_ids) {
    std::unordered_map<int, Time> found;
    db::Params params;
    const auto ids = params.add(int_array(article_ids)), name = params.add(reader);
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT r.article_id, {}
        FROM cti.read_marks r
        WHERE r.article_id = ANY ({}::int[]) AND r.reader = {})sql",
                                           read_moment("r.read_at"), ids, name),
                               params))
        found.emplace(number<int>(row[0]), maybe_time(row[1]).value_or(Time{}));
    return found;
}
}
