#pragma once
#include "core/db/database.hpp"
#include "core/model.hpp"

#include <map>
#include <optional>
#include <string>

// What cti remembers of a source between checks: a row of cti.source_state.
namespace cti::store {

struct SourceState {
    std::string feed_url;        // of the source at the last check: what follows belongs to it
    std::string cursor;          // what the source's kind remembers of its last reading
    std::string moved_to;        // the target of a permanent redirect, seen moved_seen times in a row
    std::string wait_reason;     // why the next check is later than check_frequency says, or ""
    std::string disabled_reason; // why cti set the source inactive, or ""
    int moved_seen = 0, gone_seen = 0;
    std::optional<Time> next_check_at; // nothing: last_check and check_frequency decide
    std::optional<Time> checked_at;    // the last check that was recorded, by the server's clock
    std::optional<Time> lease_until;   // may have passed
    std::string lease_owner;           // host:pid; empty without a lease
};

std::optional<SourceState> find_source_state(db::Transaction& transaction, int source_id);
std::map<int, SourceState> find_all_source_states(db::Transaction& transaction); // by source id
}
