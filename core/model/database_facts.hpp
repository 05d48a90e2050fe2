#pragma once
#include <string>
#include <vector>

// What a database holds, in figures that another copy of it must have, too.
namespace cti {

struct TableFacts {
    std::string name; // "public.articles"
    long rows = 0;
    std::string checksum; // of all rows, whatever their order; "" where the rows are not kept
    bool operator==(const TableFacts&) const = default;
};

struct SequenceFacts {
    std::string name;
    long last_value = 0;
};

struct DatabaseFacts {
    std::vector<TableFacts> tables;       // by name
    std::vector<SequenceFacts> sequences; // by name
    std::vector<std::string> migrations;  // of the schema cti; empty: there is none
    long foreign_keys = 0, indexes = 0;
    std::string server_version; // "15.18"
    std::string database;

    long rows() const {
        long all = 0;
        for (const auto& table : tables) all += table.rows;
        return all;
    }
};
}
