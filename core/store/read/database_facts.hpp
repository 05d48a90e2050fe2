#pragma once
#include "core/db/database.hpp"
#include "core/model/database_facts.hpp"
#include "core/model/named.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// What a whole database holds, for a backup's manifest and for the look at a restored copy.
namespace cti::store {

enum class Scope {
    all, // every table that is not an extension's
    cti  // the schema cti and the four tables that are shared with the web service
};
constexpr std::string_view name_of(Scope value) {
    switch (value) {
    case Scope::all: return "all";
    case Scope::cti: return "cti";
    }
    return {};
}

// Another session that takes it, as pg_dump --snapshot does, sees what this transaction sees, as long as it
// is open.
std::string export_snapshot(db::Transaction& transaction);

// Rows and checksums, one statement a table, each of constant memory on the server. on_table is told before
// each of them. Needs the right to read, and refuses where row-level security would hide rows.
DatabaseFacts read_database_facts(db::Transaction& transaction, Scope scope,
                                  const std::function<void(const std::string&)>& on_table = {});

struct LeftOut {
    std::vector<std::string> tables, schemas; // quoted
};
// What the scope does not hold.
LeftOut list_left_out(db::Transaction& transaction, Scope scope);
}
