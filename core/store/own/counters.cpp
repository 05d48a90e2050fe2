#include "core/store/own/counters.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
constexpr int k_shards = 8;
}

void count(Counters& counters, std::string_view name, std::string_view label, std::string_view value,
           double by) {
    counters[{std::string(name), label.empty() ? std::string() : fmt::format("{}=\"{}\"", label, value)}] +=
        by;
}

// The order is that of the map: two writers of one shard never wait for each other in a circle. The shard is
// drawn anew by each transaction: who had to give up, because a frozen process holds one, finds another.
void add_counters(db::Transaction& transaction, const Counters& counters) {
    db::TextArray names, labels, values;
    bool any = false;
    for (const auto& [key, value] : counters) {
        if (value <= 0) continue;
        any = true;
        names.add(key.first);
        labels.add(key.second);
        values.add(fmt::format("{}", value));
    }
    if (!any) return;
    db::Params params;
    const auto n = params.add(names.finish()), l = params.add(labels.finish()),
               v = params.add(values.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.counters AS c (name, labels, shard, value)
        SELECT n.name, n.labels, (SELECT floor(random() * {})::int), n.value::float8
        FROM unnest({}::text[], {}::text[], {}::text[]) WITH ORDINALITY AS n (name, labels, value, position)
        ORDER BY n.position
        ON CONFLICT (name, labels, shard) DO UPDATE SET value = c.value + excluded.value)sql",
                    k_shards, n, l, v),
        params);
}

Counters read_counters(db::Transaction& transaction) {
    Counters counters;
    for (const auto& row : run(transaction, R"sql(
        SELECT name, labels, sum(value)::float8
        FROM cti.counters
        GROUP BY name, labels)sql"))
        counters[{text(row[0]), text(row[1])}] = number<double>(row[2]);
    return counters;
}
}
