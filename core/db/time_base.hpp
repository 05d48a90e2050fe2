#pragma once
#include "core/db/database_faults.hpp"

// The zone of the naive timestamps: cti's rows and the web service's stand in the same columns.
namespace cti::db {

// Rows that cti did not write and that seem to be kept in another zone than Schema::time_zone: the newest of
// them is later than the server's clock, or does not fit between the rows of cti around it, or is of this
// very moment by the server's own zone or that of the web service of 2026.
std::optional<Fault> find_zone_fault(Transaction& transaction, const Schema& schema);

// Before the zone of a database is recorded anew. Rows that all are cti's are brought to the new zone, rows
// that all are the web service's are left as they are; where both are there, throws Error(usage).
void change_zone(Transaction& transaction, const Schema& schema, const std::string& from,
                 const std::string& to);
}
