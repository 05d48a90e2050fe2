#include "cli/term/output.hpp"

#include "core/base/text.hpp"
#include "core/io/out.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cti::cli {
namespace {

constexpr std::size_t k_gap = 2;          // between two columns
constexpr std::size_t k_min_column = 6;   // narrower ones tell nothing
constexpr std::size_t k_max_width = 1000; // no terminal has more
constexpr std::size_t k_enough = 10;      // numbers and dates stand in these

struct Layout {
    std::size_t width;
    bool to_the_right;
};

// What people type is never cut.
bool is_id(const std::string& title) { return title == "ID" || title == "SOURCE"; }

void append_line(std::string& out, const std::vector<std::string>& cells,
                 const std::vector<Layout>& columns) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto cell = cut_to_width(cells[i], columns[i].width);
        const auto used = display_width(cell);
        const std::string padding(columns[i].width > used ? columns[i].width - used : 0, ' ');
        const bool last = i + 1 == cells.size();
        if (columns[i].to_the_right)
            out += padding + cell;
        else
            out += last ? cell : cell + padding;
        if (!last) out.append(k_gap, ' ');
    }
}
}

void Table::add(std::vector<std::string> cells) {
    for (auto& cell : cells) cell = printable(cell);
    cells.resize(m_titles.size());
    m_rows.push_back(std::move(cells));
}

std::string Table::render(const Context& context) const {
    const auto width = stdout_width();
    return width == 0 ? tab_separated() : aligned(width, context.color_stdout);
}

bool Table::is_numeric(std::size_t column) const {
    const auto is_number = [&](const auto& row) {
        return std::all_of(row[column].begin(), row[column].end(), is_ascii_digit);
    };
    return !m_rows.empty() && std::all_of(m_rows.begin(), m_rows.end(), is_number);
}

std::vector<std::size_t> Table::fitting_widths(std::size_t width) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < m_titles.size(); ++i) {
        std::size_t widest = display_width(m_titles[i]);
        for (const auto& row : m_rows)
            widest = std::max(widest, std::min(display_width(row[i]), k_max_width));
        widths.push_back(widest);
    }
    if (widths.empty()) return widths;
    auto total = std::accumulate(widths.begin(), widths.end(), k_gap * (widths.size() - 1));
    const auto widest_from = [&](std::size_t first) {
        auto widest = widths.size();
        for (auto i = first; i < widths.size(); ++i)
            if (!is_id(m_titles[i]) && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
        return widest;
    };
    for (; total > width; --total) {
        // The first column names the row: it stays whole as long as another one has something to give.
        auto widest = widest_from(1);
        if (widest == widths.size() || widths[widest] <= k_enough) widest = widest_from(0);
        if (widest == widths.size() || widths[widest] <= k_min_column) break;
        --widths[widest];
    }
    return widths;
}

std::string Table::aligned(std::size_t width, bool bold_titles) const {
    std::vector<Layout> columns;
    for (const auto cells : fitting_widths(width)) columns.push_back({cells, is_numeric(columns.size())});
    std::string out;
    if (bold_titles) out += "\x1b[1m";
    append_line(out, m_titles, columns);
    out += bold_titles ? "\x1b[0m\n" : "\n";
    for (const auto& row : m_rows) {
        append_line(out, row, columns);
        out += '\n';
    }
    return out;
}

std::string Table::tab_separated() const {
    std::string out = join(m_titles, "\t") + "\n";
    for (const auto& row : m_rows) out += join(row, "\t") + "\n";
    return out;
}

std::size_t stdout_width() {
    if (::isatty(STDOUT_FILENO) == 0) return 0;
    winsize size{};
    constexpr std::size_t k_usual = 80; // a terminal that does not say, such as a serial line
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : k_usual;
}

void print(const std::string& text) {
    io::Out out("-");
    if (out.write(text)) out.close();
}
}
