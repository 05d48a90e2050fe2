#pragma once
#include "core/base/error.hpp"
#include "core/io/spawn.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace cti::io {

struct ChildPlan {
    std::vector<std::string> words; // the program, looked up in PATH, and what it is told; no secrets
    std::vector<std::string> environment = {}; // "NAME=value", beside what this process has
    int input = -1;                            // what it reads; -1: nothing
    std::function<bool()> is_stopped = {};     // asked ten times a second; true ends the program
    ExitCode code = ExitCode::failure;         // of the Error where it fails
    std::string missing_hint = {};             // where there is no such program
    std::optional<ExitCode> missing_code = {}; // as well; nothing: code
    Variables variables = Variables::all;      // of this process, that it has, too
};

// Another program that runs beside this one, without a shell. What it writes to standard output is read here;
// what it says on standard error is kept and becomes the message where it fails. It does not outlive this.
class ChildProcess {
public:
    explicit ChildProcess(ChildPlan plan); // Throws Error where it cannot be started.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // The next bytes that it wrote, at most 64 KiB; empty at its end. They live until the next call. Throws
    // Error(interrupted) where it was stopped.
    std::string_view read();
    // Waits for its end. Throws Error where that was not exit status 0, or where it was stopped.
    void finish();

private:
    void await_output() const;
    void end();
    std::string what_it_said() const;

    ChildPlan m_plan;
    pid_t m_pid = 0; // 0: it has ended
    int m_output = -1, m_error = -1;
    std::array<char, 65536> m_room{};
};
}
