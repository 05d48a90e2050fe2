#pragma once
#include "core/db/schema.hpp"

#include <optional>
#include <string>
#include <vector>

// What may be wrong with the tables that cti shares with the web service, and with the database itself.
namespace cti::db {

// What is wrong, and the statement that mends it.
struct Fault {
    std::string what, remedy;
};

// Keys and unique indexes that cti's own tables of the web service have, and these have not. cti works
// without them, and the web service stores rows twice.
std::vector<Fault> find_lost_keys(Transaction& transaction);

// Columns `embedding` that are text although the server has pgvector: the web service cannot write to them.
std::vector<Fault> find_text_embeddings(Transaction& transaction);

// Addresses of articles, and feeds of sources, that stand in more than one row: at most `limit` of each. What
// the role may not read is left out.
std::vector<std::string> find_doubled_addresses(Transaction& transaction, int limit);

// Nothing where the encoding is UTF-8. SQL_ASCII takes any bytes and gives them back to clients that cannot
// read them; the others lack most characters of reports.
std::optional<Fault> find_encoding_fault(Transaction& transaction);
}
