#include "cli/term/output.hpp"

#include "cli/term/fold.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace cti::cli {
namespace {

constexpr std::size_t k_gap = 2;          // between two columns
constexpr std::size_t k_min_column = 6;   // narrower ones tell nothing
constexpr std::size_t k_max_width = 1000; // no terminal has more
constexpr std::size_t k_enough = 10;      // numbers and dates stand in these

constexpr std::size_t k_min_wrapped = 24; // cells; in less, prose is a column of single words

struct Layout {
    std::size_t width = 0;
    bool to_the_right = false, is_state = false;
};

// What people type is never cut.
bool is_id(const std::string& title) { return title == "ID" || title == "SOURCE"; }

void append_line(std::string& out, const std::vector<std::string>& cells,
                 const std::vector<Layout>& columns) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto cell = cut_to_width(cells[i], columns[i].width);
        const auto used = display_width(cell);
        const std::string padding(columns[i].width > used ? columns[i].width - used : 0, ' ');
        const auto shown = columns[i].is_state ? colored_state(cell) : cell;
        const bool last = i + 1 == cells.size();
        if (columns[i].to_the_right)
            out += padding + shown;
        else
            out += last ? shown : shown + padding;
        if (!last) out.append(k_gap, ' ');
    }
}

// The last cell goes on below its own column.
void append_wrapped(std::string& out, std::vector<std::string> cells, const std::vector<Layout>& columns) {
    std::size_t indent = 0;
    for (std::size_t i = 0; i + 1 < columns.size(); ++i) indent += columns[i].width + k_gap;
    const auto lines = fold(StyledText(cells.back()), columns.back().width);
    cells.back() = lines.front().text();
    append_line(out, cells, columns);
    for (std::size_t i = 1; i < lines.size(); ++i) out += '\n' + std::string(indent, ' ') + lines[i].text();
}

// Where the other columns leave no room for it, the last cell stands on lines of its own.
void append_with_prose_below(std::string& out, std::vector<std::string> cells,
                             const std::vector<Layout>& columns, std::size_t width) {
    constexpr std::size_t indent = 4;
    const auto prose = std::move(cells.back());
    cells.pop_back();
    append_line(out, cells, columns);
    if (prose.empty()) return;
    for (const auto& line : fold(StyledText(prose), width > 2 * indent ? width - indent : width))
        out += '\n' + std::string(indent, ' ') + line.text();
}
}

std::string colored_state(const std::string& word) {
    constexpr std::pair<std::string_view, const char*> colors[] = {
        {"ok", "32"},      {"fail", "31"},   {"failing", "31"}, {"warn", "33"},
        {"warning", "33"}, {"skipped", "2"}, {"disabled", "2"}, {"never", "2"}};
    for (const auto& [state, color] : colors)
        if (word == state) return fmt::format("\x1b[{}m{}\x1b[0m", color, word);
    return word;
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

std::size_t Table::widest(std::size_t column) const {
    auto cells = display_width(m_titles[column]);
    for (const auto& row : m_rows) cells = std::max(cells, std::min(display_width(row[column]), k_max_width));
    return cells;
}

std::vector<std::size_t> Table::fitting_widths(std::size_t width, std::size_t count) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < count; ++i) widths.push_back(widest(i));
    if (widths.empty()) return widths;
    const bool ends_with_prose = m_wraps_last && count == m_titles.size();
    if (ends_with_prose) widths.back() = std::min(widths.back(), std::max(k_min_wrapped, width / 3));
    auto total = std::accumulate(widths.begin(), widths.end(), k_gap * (widths.size() - 1));
    const auto is_whole = [&](std::size_t i) { return is_id(m_titles[i]) || (i == 0 && m_keeps_first); };
    const auto widest_from = [&](std::size_t first) {
        auto widest = widths.size();
        for (auto i = first; i < widths.size(); ++i)
            if (!is_whole(i) && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
        return widest;
    };
    for (; total > width; --total) {
        // The first column names the row: it stays whole as long as another one has something to give.
        auto widest = widest_from(1);
        if (widest == widths.size() || widths[widest] <= k_enough) widest = widest_from(0);
        if (widest == widths.size() || widths[widest] <= k_min_column) break;
        --widths[widest];
    }
    // What the others leave is for the prose.
    if (ends_with_prose && total < width)
        widths.back() = std::min(this->widest(widths.size() - 1), widths.back() + width - total);
    return widths;
}

std::string Table::aligned(std::size_t width, bool color) const {
    auto widths = fitting_widths(width, m_titles.size());
    const bool has_prose_below = m_wraps_last && widths.size() > 1 &&
                                 widths.back() < std::min(k_min_wrapped, widest(widths.size() - 1));
    if (has_prose_below) widths = fitting_widths(width, m_titles.size() - 1);
    std::vector<Layout> columns;
    for (const auto cells : widths) {
        const auto& title = m_titles[columns.size()];
        columns.push_back(
            {cells, is_numeric(columns.size()), color && (title == "HEALTH" || title == "STATUS")});
    }
    std::string out;
    if (color) out += "\x1b[1m";
    append_line(out, {m_titles.begin(), m_titles.begin() + std::ssize(columns)}, columns);
    out += color ? "\x1b[0m\n" : "\n";
    for (const auto& row : m_rows) {
        if (has_prose_below)
            append_with_prose_below(out, row, columns, width);
        else
            m_wraps_last ? append_wrapped(out, row, columns) : append_line(out, row, columns);
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

std::string moment_text(const std::optional<Time>& time, Time now) {
    if (!time) return "-";
    return stdout_width() > 0 ? format_relative(*time, now) : format_rfc3339(*time);
}

void print(const std::string& text) {
    io::Out out("-");
    if (out.write(text)) out.close();
}
}
