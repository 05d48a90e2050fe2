#pragma once
#include "core/collect/intelligence.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/store/leases.hpp"
#include "core/store/record.hpp"

namespace cti::collect {

// What came back for one source. Without a token nothing was claimed: a dry run.
struct Fetched {
    store::Claim claim;
    net::Response response;
};

// Why there is nothing to read in an answer ("HTTP 404 (not found)", "this is a web page; it announces …"), or "".
std::string find_fault(const net::Response& response);

struct Outcome {
    CheckResult result;
    bool taken_over = false; // another run has the source by now and records it; nothing was written
};

// All that happens to one source after it was fetched: parsed, compared with what is known, cleaned, stored in one transaction.
// `intelligence`: what looks through the texts, before anything is written.
// The body is freed as soon as it is read. dry_run: nothing is written, the counts say what would be. Turns whatever happens to this one source into its result; only trouble with the database itself is thrown (Error).
Outcome process(store::Database& database, const store::Schema& schema, Fetched& fetched, Time now, bool dry_run, const Intelligence* intelligence = nullptr);
}
