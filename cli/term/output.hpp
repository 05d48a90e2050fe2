#pragma once
#include "cli/command.hpp"
#include "core/base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// Lists for people and for pipes.
namespace cti::cli {

// Text from outside may be put into it as it is: control characters are made visible.
class Table {
public:
    explicit Table(std::vector<std::string> titles) : m_titles(std::move(titles)) {}

    // The last column tells reasons and remedies: it goes on below instead of being cut,
    // and stands there altogether where the others leave it no room.
    Table& wrap_last() { return m_wraps_last = true, *this; }
    // The first column has names that people type: it is not cut either.
    Table& keep_first() { return m_keeps_first = true, *this; }
    void add(std::vector<std::string> cells);
    bool empty() const { return m_rows.empty(); }

    // Aligned where stdout is a terminal, tab-separated where it is not.
    std::string render(const Context& context) const;

    // In at most `width` cells of a terminal: the widest columns are cut, with "…", as far as needed; ids
    // (titles ID and SOURCE) never, as people type them. Columns of numbers stand to the right. color: titles
    // are bold, and words for a state (titles HEALTH and STATUS) have its colour.
    std::string aligned(std::size_t width, bool color) const;
    // Nothing is cut, one tab between cells.
    std::string tab_separated() const;

private:
    // Of the first `count` columns.
    std::vector<std::size_t> fitting_widths(std::size_t width, std::size_t count) const;
    bool is_numeric(std::size_t column) const;
    std::size_t widest(std::size_t column) const;

    std::vector<std::string> m_titles;
    std::vector<std::vector<std::string>> m_rows;
    bool m_wraps_last = false, m_keeps_first = false;
};

// The word between the escape codes of its colour: green for what is well, yellow for what may not be, red
// for what is not. Any other word stays as it is.
std::string colored_state(const std::string& word);

// The columns of the terminal that stdout is, or 0 where it is none.
std::size_t stdout_width();

// People want to know how long ago, scripts when; "-" for nothing.
std::string moment_text(const std::optional<Time>& time, Time now);

// To stdout; a reader that has gone away is no error.
void print(const std::string& text);
}
