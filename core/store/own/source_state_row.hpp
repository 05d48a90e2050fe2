#pragma once
#include "core/store/own/source_state.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

// Reading cti.source_state in several statements.
namespace cti::store {

// The columns in the order of read_state(); `t` is the table's alias.
inline std::string state_columns() {
    return fmt::format(R"sql(
    t.feed_url, t.cursor, t.moved_to, t.wait_reason, t.disabled_reason, t.moved_seen, t.gone_seen,
    {}, {}, {}, t.lease_owner)sql",
                       read_moment("t.next_check_at"), read_moment("t.checked_at"),
                       read_moment("t.lease_until"));
}
inline constexpr pqxx::row::size_type k_state_column_count = 11;

SourceState read_state(const pqxx::row& row);
}
