#pragma once
#include <chrono>
#include <string>

namespace cti::cli {

// One line at the bottom of the terminal that log lines scroll past; without a terminal a log line each 30 s.
class ProgressLine {
public:
    explicit ProgressLine(bool on_terminal);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const std::string& text); // At most 10 times a second; more are left out.

private:
    using Clock = std::chrono::steady_clock;
    bool m_on_terminal;
    Clock::time_point m_last;
};
}
