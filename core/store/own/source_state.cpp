#include "core/store/own/source_state.hpp"

#include "core/store/own/source_state_row.hpp"

#include <fmt/format.h>

namespace cti::store {

SourceState read_state(const pqxx::row& row) {
    SourceState state;
    state.validators = {text(row[0]), text(row[1]), text(row[2])};
    state.body_hash = text(row[3]);
    state.moved_to = text(row[4]);
    state.wait_reason = text(row[5]);
    state.disabled_reason = text(row[6]);
    state.moved_seen = number<int>(row[7]);
    state.gone_seen = number<int>(row[8]);
    state.next_check_at = maybe_time(row[9]);
    state.checked_at = maybe_time(row[10]);
    state.lease_until = maybe_time(row[11]);
    state.lease_owner = text(row[12]);
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
