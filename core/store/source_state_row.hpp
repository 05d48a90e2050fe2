#pragma once
#include "core/store/pqxx_impl.hpp"
#include "core/store/source_state.hpp"

// Reading cti.source_state in several statements.
namespace cti::store {

// The columns in the order of read_state(); `t` is the table's alias.
inline constexpr const char* k_state_columns = R"sql(
    t.feed_url, t.etag, t.last_modified, t.body_hash, t.moved_to, t.wait_reason, t.disabled_reason, t.moved_seen, t.gone_seen,
    (extract(epoch FROM t.next_check_at) * 1000000)::bigint, (extract(epoch FROM t.checked_at) * 1000000)::bigint,
    (extract(epoch FROM t.lease_until) * 1000000)::bigint, t.lease_owner)sql";
inline constexpr pqxx::row::size_type k_state_column_count = 13;

SourceState read_state(const pqxx::row& row);
}
