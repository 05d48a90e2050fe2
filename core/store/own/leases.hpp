#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/store/own/source_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

// Who is at which source. A lease is a row of cti.source_state with a token and an end by the server's clock;
// whoever holds the token may record the source's check (CheckRecord::lease_token). A holder that dies is
// taken over when the lease has ended. No lock outlives a transaction, so a pooler may stand in between.
namespace cti::store {

struct Claim {
    Source source;
    std::string token;
    // the cursor is empty when it belongs to another address than source.rss_url.
    SourceState state;
};

struct ClaimOptions {
    std::vector<int> source_ids = {}; // empty: all
    // Due or not; with source_ids the inactive ones as well, as they were asked for by name. What was
    // recorded at or after checked_before (the start of the run by the server's clock, see server_time()) is
    // left out, by whichever process: force means once a run. The caller puts into exclude_ids what it gave
    // back unrecorded.
    bool force = false;
    std::optional<Time> checked_before = {};
    std::vector<int> exclude_ids = {};
    // A source that comes due within this time, and within a tenth of its check_frequency, counts as due
    // already: one whose check_frequency equals the time between two rounds would miss every second one by
    // moments. Not where somebody asked for the wait.
    std::chrono::seconds early{0};
    int limit = 20;
    std::chrono::seconds ttl{120};
    std::string owner = {}; // host:pid, for people
};
// A row to hold the lease, for each source of these options that has none. Committed when it returns: another
// claimer would wait for rows that are not. Throws LockTimeout where somebody else holds such a row open.
void create_missing_states(db::Database& database, const ClaimOptions& options);

// Hands out at most `limit` sources that have a state (see above), are active, are due and not under a living
// lease; the most overdue first. Two callers never get the same one. Commit soon: nothing is claimed before.
std::vector<Claim> claim_sources(db::Transaction& transaction, const db::Schema& schema,
                                 const ClaimOptions& options);

// Of what was claimed in a transaction whose commit got no answer: those whose lease stands. None: it was
// rolled back. Waits for that transaction where the server is still at it.
std::vector<Claim> keep_leased(db::Transaction& transaction, std::vector<Claim> claims);

// Each lease ends `ttl` from now. Returns the tokens whose lease is somebody else's by now or was given back.
// Never waits: a source that is being recorded at this moment is left as it is.
std::vector<std::string> renew_leases(db::Transaction& transaction, const std::vector<std::string>& tokens,
                                      std::chrono::seconds ttl);
// Without a check: the source is as due as before. False when the lease was somebody else's.
bool release_lease(db::Transaction& transaction, int source_id, const std::string& token);
// Without a check either, but the next one is `in` from now: the host asked for a rest. False when the lease
// was somebody else's.
bool postpone(db::Transaction& transaction, int source_id, const std::string& token, std::chrono::seconds in,
              const std::string& reason);
// Of these sources, or of all.
long count_living_leases(db::Transaction& transaction, const std::vector<int>& source_ids = {});

Time server_time(db::Transaction& transaction);
}
