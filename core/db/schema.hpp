#pragma once
#include "core/db/database.hpp"
#include "core/model/web_service.hpp"

#include <map>
#include <string>

namespace cti::db {

struct Column {
    std::string type; // format_type() without its length: "json", "numeric", "timestamp without time zone" …
    bool nullable = true, has_default = false;
};
struct Table {
    std::map<std::string, Column, std::less<>> columns;
    bool has(std::string_view column) const { return columns.find(column) != columns.end(); }
};

using cti::Generation;

// The web service's tables as they really are, read once a run: real databases differ from the models.
struct Schema {
    Table sources, articles, source_checks, content_hashes;
    bool unique_identifier = false;   // a valid unique index on exactly sources(identifier)
    bool unique_content_hash = false; // the same on articles(content_hash)
    Generation generation = Generation::both;
    // The naive timestamps of the web service's tables are wall-clock times of this zone ("UTC",
    // "America/New_York").
    std::string time_zone = "UTC";
};

// Throws Error(schema) when the tables are missing or are not the web service's (the message names what does
// not fit), or when cti's own schema is missing or older or newer than this program ("run 'cti init'").
Schema read_schema(Transaction& transaction);
}
