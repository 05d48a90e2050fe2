#pragma once
#include "core/db/schema.hpp"

#include <string>
#include <vector>

// What read_schema() and set_up() share: looking at the tables that are really there.
namespace cti::db {

struct WebTables {
    Schema schema;                             // columns and unique indexes; nothing of schema cti
    std::vector<std::string> present, missing; // of the four, in the order in which they are created
    bool has(std::string_view name) const;
    bool has_numbered_rows =
        false; // unique indexes on sources(id) and articles(id): foreign keys can refer to them
};
WebTables look_at_web_tables(Transaction& transaction);

// Throws Error(schema) naming the first column that is missing or of a type that the web service does not
// have.
void require_fit(const WebTables& tables);

// Of tables that are all there: whether web_schema.sql made them, and not the web service itself.
bool is_made_by_cti(const Schema& schema);

bool cti_table_exists(Transaction& transaction, const std::string& name); // in the schema cti
std::vector<std::string> applied_migrations(Transaction& transaction);
// Throws Error(schema) when a newer program has migrated this database.
void require_known(const std::vector<std::string>& applied);
}
