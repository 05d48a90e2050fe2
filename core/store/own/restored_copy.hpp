#pragma once
#include "core/db/database.hpp"

#include <string>
#include <vector>

// What a copy of a database must forget of the work that was going on when it was made.
namespace cti::store {

// So that neither this copy nor the database that it was taken from does anything twice: nobody holds a
// source, no worker is known, no job waits, no message is to be sent, no file is to be cleaned up. What was
// done, one line each; empty where there was nothing.
std::vector<std::string> forget_work_in_hand(db::Transaction& transaction);

// Sequences that are behind the highest number of their column are set to it. Their names.
std::vector<std::string> advance_sequences(db::Transaction& transaction);

void analyze_database(db::Transaction& transaction);
}
