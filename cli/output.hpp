#pragma once
#include "cli/command.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What goes to stdout or into the file of -o.
namespace cti::cli {

// Text from outside may be put into it as it is: control characters are made visible.
class Table {
public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };
    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}

    void add_row(std::vector<std::string> cells);
    bool empty() const { return m_rows.empty(); }

    // Aligned in at most `width` cells of a terminal: the widest columns are cut, with "…", as far as needed.
    std::string aligned(std::size_t width, bool bold_header) const;
    // For pipes: nothing is cut, one tab between cells.
    std::string tab_separated() const;

private:
    std::vector<std::size_t> fitting_widths(std::size_t width) const;
    void append_line(std::string& out, const std::vector<std::string>& cells,
                     const std::vector<std::size_t>& widths) const;

    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

// The columns of the terminal that stdout is, or 0 where it is none.
std::size_t stdout_width();

// Aligned on a terminal, tab-separated into a pipe.
void print_table(const Table& table, const Context& context);

// Throws Error(output) when not all of it could be written. A closed pipe ends the process quietly.
void write_stdout(std::string_view bytes);

// path "-": stdout. A regular file is written beside, synced and renamed: it is there as a whole or as it was.
void write_output(const std::string& path, std::string_view bytes);
}
