#pragma once
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/store/record.hpp"

namespace cti::collect {

// What came back for one source, and all that happens to it: parsed, cleaned, compared with what is known, stored in one transaction.
struct Fetched {
    Source source;
    net::Response response;
};

// Why there is nothing to read in an answer ("HTTP 404 (not found)", "this is a web page; it announces …"), or "".
std::string find_fault(const net::Response& response);

// Turns whatever happens to this one source into its result; only trouble with the database itself is thrown (Error).
// dry_run: nothing is written, the counts say what would be.
CheckResult process(store::Database& database, const store::Schema& schema, const Fetched& fetched, Time now, bool dry_run);
}
