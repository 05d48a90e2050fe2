#include "core/io/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX declares it nowhere

namespace cti::io {
namespace {
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const auto& text : texts)
        pointers.push_back(const_cast<char*>(text.c_str())); // NOLINT: C's interface
    pointers.push_back(nullptr);
    return pointers;
}

// Of two with the same name some programs take the first, others the last.
bool is_replaced(std::string_view variable, const std::vector<std::string>& more) {
    const auto name = variable.substr(0, variable.find('=') + 1);
    return std::ranges::any_of(more, [&](const std::string& other) { return other.starts_with(name); });
}

bool is_needed(std::string_view variable) {
    constexpr std::string_view k_needed[] = {"PATH=", "LANG=", "LC_ALL=", "TMPDIR="};
    return std::ranges::any_of(k_needed, [&](std::string_view name) { return variable.starts_with(name); });
}
}

SpawnPlan::SpawnPlan(const SpawnStreams& streams) {
    ::posix_spawn_file_actions_init(&m_actions);
    if (streams.input >= 0) ::posix_spawn_file_actions_adddup2(&m_actions, streams.input, STDIN_FILENO);
    if (streams.output >= 0) ::posix_spawn_file_actions_adddup2(&m_actions, streams.output, STDOUT_FILENO);
    if (streams.error >= 0) ::posix_spawn_file_actions_adddup2(&m_actions, streams.error, STDERR_FILENO);
    ::posix_spawnattr_init(&m_attributes);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&m_attributes, &signals);
    for (const int signal : {SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&m_attributes, &signals);
    ::posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

SpawnPlan::~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&m_actions);
    ::posix_spawnattr_destroy(&m_attributes);
}

std::optional<pid_t> SpawnPlan::start(const std::vector<std::string>& words,
                                      const std::vector<std::string>& more, Variables variables) const {
    auto arguments = pointers_to(words), environment = pointers_to(more);
    environment.pop_back(); // its end
    for (char** one = environ; *one != nullptr; ++one)
        if (!is_replaced(*one, more) && (variables == Variables::all || is_needed(*one)))
            environment.push_back(*one);
    environment.push_back(nullptr);
    pid_t child = 0;
    const int fault =
        ::posix_spawnp(&child, arguments[0], &m_actions, &m_attributes, arguments.data(), environment.data());
    errno = fault;
    return fault == 0 ? std::optional(child) : std::nullopt;
}
}
