#include "core/export/csv_cell.hpp"

#include "core/base/csv.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cti::exporter {
namespace {

// What a cell holds, in one pass without branches.
enum Mark : unsigned char {
    k_quoted = 1,  // must stand in quotes
    k_checked = 2, // may be no UTF-8, or NUL
};
constexpr std::array<unsigned char, 256> k_marks = [] {
    std::array<unsigned char, 256> marks{};
    for (const char c : {',', '"', '\r', '\n'}) marks[static_cast<unsigned char>(c)] = k_quoted;
    for (std::size_t c = 0x80; c < 0x100; ++c) marks[c] = k_checked;
    marks[0] = k_checked;
    return marks;
}();
unsigned marks_of(std::string_view cell) {
    unsigned marks = 0;
    for (const char c : cell) marks |= k_marks[static_cast<unsigned char>(c)];
    return marks;
}
}

void append_csv_cell(std::string& out, std::string& cell, bool raw) {
    const auto marks = marks_of(cell);
    if ((marks & k_checked) != 0 && (cell.find('\0') != std::string::npos || !is_valid_utf8(cell)))
        cell = repair_utf8(cell);
    if (!raw && looks_like_formula(cell)) cell.insert(cell.begin(), '\'');
    if ((marks & k_quoted) == 0) {
        out += cell;
        return;
    }
    out += '"';
    for (std::size_t start = 0; start < cell.size();) {
        const auto quote = std::min(cell.find('"', start), cell.size());
        out.append(cell, start, quote - start);
        if (quote < cell.size()) out += "\"\"";
        start = quote + 1;
    }
    out += '"';
}
}
