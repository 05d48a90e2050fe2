#pragma once
#include "core/db/database.hpp"

// How far something has come that goes through rows by their ids: a row of cti.settings.
namespace cti::store {

long read_mark(db::Transaction& transaction, const char* name); // 0 before the first
void keep_mark(db::Transaction& transaction, const char* name, long mark);
}
