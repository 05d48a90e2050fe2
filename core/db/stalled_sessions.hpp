#pragma once
#include "core/db/database.hpp"

#include <chrono>

// Sessions of frozen processes that the server itself never ends.
namespace cti::db {

// Ends each session of cti, of this role and in this database, that has written or locked something and then
// waited for its client for stalled_for within one statement; returns how many. Such a client was stopped in
// the middle of sending a message or of reading an answer, and holds its locks as long as it is stopped:
// idle_in_transaction_session_timeout counts between statements only, and statement_timeout does not
// interrupt a message. Needs no more rights than the session itself has.
int end_stalled_sessions(Transaction& transaction,
                         std::chrono::milliseconds stalled_for = k_write_limits.idle);
}
