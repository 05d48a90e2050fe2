#pragma once
#include "core/intel/families/host.hpp"

// What a text calls the dotted words of a list or a table, by a heading, a cell beside them or a note behind
// them.
namespace cti::intel {

enum class Meaning { open, host, code };

// "Domains:" above it or before it on its line, "| host.id | domain |", "host.id - C2 server": a host.
// "Fields:", "| host.id | keyword |": code.
Meaning find_meaning(std::string_view text, const Host& host);
}
