#include "cli/term/progress.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;
std::string g_line; // What stands on the terminal now; the log clears and repeats it.

void put(std::string_view text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}
void clear_line() {
    if (!g_line.empty()) put("\r\x1b[K");
}
void draw_line() {
    if (!g_line.empty()) put(g_line);
}
std::size_t terminal_width() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
}

ProgressLine::ProgressLine(bool on_terminal) : m_on_terminal(on_terminal), m_last(Clock::now()) {
    if (m_on_terminal) log::set_line_guard(clear_line, draw_line);
}

ProgressLine::~ProgressLine() {
    if (!m_on_terminal) return;
    clear_line();
    g_line.clear();
    log::set_line_guard(nullptr, nullptr);
}

void ProgressLine::show(const std::string& text) {
    const auto now = Clock::now();
    if (now - m_last < (m_on_terminal ? Clock::duration(100ms) : Clock::duration(30s))) return;
    m_last = now;
    if (!m_on_terminal) return log::notice("{}", text);
    clear_line();
    g_line = cut_to_width(printable(text), terminal_width() - 1);
    draw_line();
}
}
