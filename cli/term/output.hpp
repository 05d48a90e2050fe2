#pragma once
#include "cli/command.hpp"

#include <cstddef>
#include <string>
#include <vector>

// Lists for people and for pipes.
namespace cti::cli {

// Text from outside may be put into it as it is: control characters are made visible.
class Table {
public:
    explicit Table(std::vector<std::string> titles) : m_titles(std::move(titles)) {}

    void add(std::vector<std::string> cells);
    bool empty() const { return m_rows.empty(); }

    // Aligned where stdout is a terminal, tab-separated where it is not.
    std::string render(const Context& context) const;

    // In at most `width` cells of a terminal: the widest columns are cut, with "…", as far as needed; ids
    // (titles ID and SOURCE) never, as people type them. Columns of numbers stand to the right.
    std::string aligned(std::size_t width, bool bold_titles) const;
    // Nothing is cut, one tab between cells.
    std::string tab_separated() const;

private:
    std::vector<std::size_t> fitting_widths(std::size_t width) const;
    bool is_numeric(std::size_t column) const;

    std::vector<std::string> m_titles;
    std::vector<std::vector<std::string>> m_rows;
};

// The columns of the terminal that stdout is, or 0 where it is none.
std::size_t stdout_width();

// To stdout; a reader that has gone away is no error.
void print(const std::string& text);
}
