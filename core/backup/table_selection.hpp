#pragma once
#include "core/backup/dump_rules.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

// Some of a dump's tables, with what they need.
namespace cti::backup {

struct TableSelection {
    std::set<std::string> tables, sequences; // "public.articles"

    // What becomes of a statement that the rules let through; nothing: it is about something else. What is
    // about no table at all (types, functions, schemas) is there if possible; of the schema cti only with one
    // of its tables.
    std::optional<Handling> handling_of(const Statement& statement, Handling handling) const;
};

// The tables of a dump, the sequences that belong to them, and what they cannot be without: what their
// foreign keys refer to, what they inherit from, their partitions.
class DumpOutline {
public:
    void add(const Statement& statement);

    // names: "articles" or "public.articles". Throws Error(usage) with all names where one is none of them,
    // or is one of several.
    TableSelection select(const std::vector<std::string>& names) const;

private:
    std::string find_table(const std::string& name) const;

    std::set<std::string> m_tables;
    std::map<std::string, std::set<std::string>> m_needed, m_sequences; // by table
};
}
