#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace cti {

// What a script sees as the exit status; docs/reference.md has the table.
enum class ExitCode {
    ok = 0,
    failure = 1,       // unexpected, or every source failed
    usage = 2,         // wrong usage, wrong configuration
    partial = 3,       // some sources failed and --fail-on any was given
    database = 4,      // unreachable, or access refused
    locked = 5,        // another run holds the lock
    schema = 6,        // missing, too old or incompatible
    output = 7,        // could not be written
    check = 8,         // a check failed
    interrupted = 130, // SIGINT, after a clean stop
    terminated = 143,  // SIGTERM, after a clean stop
};

// Ends the command. Anything that a run can go on without is a value, not an Error.
// message: what could not be done, on what, why; lower case, no final period.
// hint: one sentence that says what to do, or empty.
class Error : public std::runtime_error {
public:
    Error(ExitCode code, const std::string& message, std::string hint = {})
        : std::runtime_error(message), m_code(code), m_hint(std::move(hint)) {}
    ExitCode code() const noexcept { return m_code; }
    const std::string& hint() const noexcept { return m_hint; }

private:
    ExitCode m_code;
    std::string m_hint;
};
}
