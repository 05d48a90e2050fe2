#include "core/store/own/source_state.hpp"

#include "core/store/own/source_state_row.hpp"

#include <fmt/format.h>

namespace cti::store {

SourceState read_state(const pqxx::row& row) {
    SourceState state;
    state.feed_url = text(row[0]);
    state.cursor = text(row[1]);
    state.moved_to = text(row[2]);
    state.wait_reason = text(row[3]);
    state.disabled_reason = text(row[4]);
    state.moved_seen = number<int>(row[5]);
    state.gone_seen = number<int>(row[6]);
    state.next_check_at = maybe_time(row[7]);
    state.checked_at = maybe_time(row[8]);
    state.lease_until = maybe_time(row[9]);
    state.lease_owner = text(row[10]);
    return state;
}

std::optional<SourceState> find_source_state(db::Transaction& transaction, int source_id) {
    db::Params params;
    const auto rows = run(transaction,
                          fmt::format("SELECT {} FROM cti.source_state t WHERE t.source_id = {}::int",
                                      state_columns(), params.add(source_id)),
                          params);
    if (rows.empty()) return std::nullopt;
    return read_state(rows[0]);
}

std::map<int, SourceState> find_all_source_states(db::Transaction& transaction) {
    std::map<int, SourceState> all;
    const auto sql = fmt::format("SELECT {}, t.source_id FROM cti.source_state t", state_columns());
    for (const auto& row : run(transaction, sql))
        all.emplace(number<int>(row[k_state_column_count]), read_state(row));
    return all;
}
}
