#pragma once
#include <string>

// One cell of RFC 4180.
namespace cti::exporter {

// Between quotes where it needs them; UTF-8 is repaired and NUL dropped, at which some readers give up.
// Unless raw, an apostrophe stands before what a spreadsheet would run. `cell` may be changed for that.
void append_csv_cell(std::string& out, std::string& cell, bool raw = false);
}
