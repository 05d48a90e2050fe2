#include "cli/output.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <numeric>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cti::cli {
namespace {

constexpr std::size_t k_gap = 2;        // between two columns
constexpr std::size_t k_min_column = 6; // narrower ones tell nothing

Error cannot_write(const std::string& path, int problem) {
    return Error{ExitCode::output, fmt::format("cannot write '{}': {}", path, std::strerror(problem))};
}

// errno of the first failure, or 0.
int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

// Devices, pipes and the like cannot be renamed over.
bool is_special(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

void write_special(const std::string& path, std::string_view bytes) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) throw cannot_write(path, errno);
    int problem = write_all(descriptor, bytes);
    if (::close(descriptor) != 0 && problem == 0) problem = errno;
    if (problem != 0) throw cannot_write(path, problem);
}

// mkstemp() makes files that only their owner can read; what the user asked for has the rights of an ordinary one.
mode_t ordinary_mode(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) return status.st_mode & 07777U;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666U & ~mask;
}

void replace_file(const std::string& path, std::string_view bytes) {
    std::string beside = path + ".XXXXXX";
    const int descriptor = ::mkstemp(beside.data());
    if (descriptor < 0) throw cannot_write(path, errno);
    int problem = write_all(descriptor, bytes);
    if (problem == 0 && ::fchmod(descriptor, ordinary_mode(path)) != 0) problem = errno;
    if (problem == 0 && ::fsync(descriptor) != 0) problem = errno;
    if (::close(descriptor) != 0 && problem == 0) problem = errno;
    if (problem == 0 && ::rename(beside.c_str(), path.c_str()) != 0) problem = errno;
    if (problem == 0) return;
    ::unlink(beside.c_str());
    throw cannot_write(path, problem);
}
}

void Table::add_row(std::vector<std::string> cells) {
    for (auto& cell : cells) cell = printable(cell);
    cells.resize(m_columns.size());
    m_rows.push_back(std::move(cells));
}

std::vector<std::size_t> Table::fitting_widths(std::size_t width) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        std::size_t widest = display_width(m_columns[i].title);
        for (const auto& row : m_rows) widest = std::max(widest, display_width(row[i]));
        widths.push_back(widest);
    }
    if (widths.empty()) return widths;
    const auto gaps = k_gap * (widths.size() - 1);
    auto total = std::accumulate(widths.begin(), widths.end(), gaps);
    // The widest loses to the second widest first: numbers and dates stay whole while a title can give way.
    while (total > width) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= k_min_column) break;
        --*widest;
        --total;
    }
    return widths;
}

void Table::append_line(std::string& out, const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) const {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto cell = cut_to_width(cells[i], widths[i]);
        const auto used = display_width(cell);
        const std::string padding(widths[i] > used ? widths[i] - used : 0, ' ');
        const bool last = i + 1 == cells.size();
        if (m_columns[i].align == Align::right) out += padding + cell;
        else out += last ? cell : cell + padding;
        if (!last) out.append(k_gap, ' ');
    }
}

std::string Table::aligned(std::size_t width, bool bold_header) const {
    const auto widths = fitting_widths(width);
    std::vector<std::string> titles;
    for (const auto& column : m_columns) titles.push_back(column.title);
    std::string out;
    if (bold_header) out += "\x1b[1m";
    append_line(out, titles, widths);
    out += bold_header ? "\x1b[0m\n" : "\n";
    for (const auto& row : m_rows) {
        append_line(out, row, widths);
        out += '\n';
    }
    return out;
}

std::string Table::tab_separated() const {
    std::vector<std::string> titles;
    for (const auto& column : m_columns) titles.push_back(column.title);
    std::string out = join(titles, "\t") + "\n";
    for (const auto& row : m_rows) out += join(row, "\t") + "\n";
    return out;
}

std::size_t stdout_width() {
    if (::isatty(STDOUT_FILENO) == 0) return 0;
    winsize size{};
    constexpr std::size_t k_usual = 80; // a terminal that does not say, such as a serial line
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : k_usual;
}

void print_table(const Table& table, const Context& context) {
    const auto width = stdout_width();
    write_stdout(width == 0 ? table.tab_separated() : table.aligned(width, context.color_stdout));
}

void write_stdout(std::string_view bytes) {
    if (const int problem = write_all(STDOUT_FILENO, bytes); problem != 0) throw cannot_write("stdout", problem);
}

void write_output(const std::string& path, std::string_view bytes) {
    if (path == "-") return write_stdout(bytes);
    if (is_special(path)) return write_special(path, bytes);
    std::error_code failed;
    const auto target = std::filesystem::canonical(path, failed); // A link stays a link.
    replace_file(failed ? path : target.string(), bytes);
}
}
