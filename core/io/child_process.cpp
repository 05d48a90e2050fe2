#include "core/io/child_process.hpp"

#include "core/base/text.hpp"
#include "core/io/spawn.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace cti::io {
namespace {
constexpr int k_look_ms = 100;

int open_nothing() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

[[noreturn]] void fail(const ChildPlan& plan, const std::string& why, const std::string& hint = {}) {
    throw Error{plan.code, fmt::format("'{}' failed: {}", printable(plan.words.front()), why), hint};
}
}

ChildProcess::ChildProcess(ChildPlan plan) : m_plan(std::move(plan)) {
    std::array<int, 2> pipe{-1, -1};
    // A file in memory and not a second pipe: nobody has to read it while the program runs.
    m_error = ::memfd_create("stderr", MFD_CLOEXEC);
    if (m_error < 0 || ::pipe2(pipe.data(), O_CLOEXEC) != 0) fail(m_plan, ascii_lower(std::strerror(errno)));
    m_output = pipe[0];
    const int nothing = m_plan.input < 0 ? open_nothing() : -1;
    const auto child =
        SpawnPlan({.input = m_plan.input < 0 ? nothing : m_plan.input, .output = pipe[1], .error = m_error})
            .start(m_plan.words, m_plan.environment, m_plan.variables);
    const int error = errno;
    ::close(pipe[1]);
    if (nothing >= 0) ::close(nothing);
    if (child) {
        m_pid = *child;
        return;
    }
    ::close(m_output);
    ::close(m_error);
    if (error != ENOENT) fail(m_plan, ascii_lower(std::strerror(error)));
    m_plan.code = m_plan.missing_code.value_or(m_plan.code);
    fail(m_plan, ascii_lower(std::strerror(error)), m_plan.missing_hint);
}

ChildProcess::~ChildProcess() {
    end();
    ::close(m_output);
    ::close(m_error);
}

void ChildProcess::end() {
    if (m_pid == 0) return;
    ::kill(m_pid, SIGTERM);
    // Whoever writes into a pipe that nobody reads ends by that.
    ::close(std::exchange(m_output, -1));
    while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    m_pid = 0;
}

// Until there is something to read, or its end.
void ChildProcess::await_output() const {
    pollfd wanted{m_output, POLLIN, 0};
    while (::poll(&wanted, 1, k_look_ms) <= 0)
        if (m_plan.is_stopped && m_plan.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
}

std::string_view ChildProcess::read() {
    for (;;) {
        await_output();
        if (m_plan.is_stopped && m_plan.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
        const auto size = ::read(m_output, m_room.data(), m_room.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) fail(m_plan, ascii_lower(std::strerror(errno)));
        return {m_room.data(), static_cast<std::size_t>(size)};
    }
}

void ChildProcess::finish() {
    while (!read().empty()) {
    }
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0)
        if (errno != EINTR) fail(m_plan, ascii_lower(std::strerror(errno)));
    m_pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    const auto said = what_it_said();
    if (WIFSIGNALED(status))
        fail(m_plan, fmt::format("it was ended by signal {} ({})", WTERMSIG(status), said));
    fail(m_plan, said.empty() ? fmt::format("exit status {}", WEXITSTATUS(status)) : said);
}

// The end of it, in one line: the first complaint of a program that says much is not the cause.
std::string ChildProcess::what_it_said() const {
    constexpr off_t k_max_said = 1000;
    std::array<char, k_max_said> room{};
    const auto size = ::lseek(m_error, 0, SEEK_END);
    const auto read = ::pread(m_error, room.data(), room.size(), size > k_max_said ? size - k_max_said : 0);
    if (read <= 0) return {};
    return fold_space(printable({room.data(), static_cast<std::size_t>(read)}));
}
}
