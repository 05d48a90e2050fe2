#pragma once
#include <string_view>

namespace cti {

// Spreadsheets run cells that start so; an apostrophe before it says "text" to all of them (OWASP, CSV
// injection).
inline bool looks_like_formula(std::string_view cell) {
    return !cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos;
}
}
