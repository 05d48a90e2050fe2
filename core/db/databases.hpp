#pragma once
#include "core/base/time.hpp"
#include "core/db/database.hpp"

#include <string>
#include <vector>

// Whole databases of a server: who is at work in one, a new one for a copy, one in another's place.
namespace cti::db {

struct OtherSession {
    int pid = 0;
    std::string user, application, address;
};
// Clients of the same database beside ourselves.
std::vector<OtherSession> other_sessions(Transaction& transaction);

std::string current_database(Transaction& transaction);
bool is_empty_database(Transaction& transaction); // no table, view or sequence that is not an extension's
bool may_create_databases(Transaction& transaction);
bool is_superuser(Transaction& transaction);
// Where the server keeps its files, where it is on this machine and may be asked; else "".
std::string local_data_directory(Transaction& transaction);

// Scratch databases are known by their name and by a limit of connections that nobody else would set, which
// the server writes together with the name: so what a killed process left is found, and nothing else.
// Returns its name. Empty, with the locale of the database `like`.
std::string create_scratch_database(Database& database, const std::string& like, Time now);
void drop_database(Database& database, const std::string& name);
// Those of processes that are no more: nobody is connected, and they are older than two minutes.
std::vector<std::string> drop_scratch_leftovers(Database& database, Time now);

// `fresh` takes the name, owner, rights and settings of `live`, which is called `old_name` from then on: in
// one transaction. `database` is connected to neither of them, and nobody else is. Throws Error(locked) where
// somebody is.
void swap_databases(Database& database, const std::string& live, const std::string& fresh,
                    const std::string& old_name);
}
