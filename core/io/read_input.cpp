#include "core/io/read_input.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cti::io {
namespace {
constexpr std::size_t k_max_bytes = 256U * 1024 * 1024;

// Pipes have no name that others could open.
bool is_open_to_others(const struct stat& about) {
    return S_ISREG(about.st_mode) && (about.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

// Until there is something to read, or an end.
void await_input(int fd, const std::function<bool()>& is_stopped) {
    constexpr int look_ms = 100;
    for (;;) {
        if (is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
        pollfd waiting{fd, POLLIN, 0};
        if (::poll(&waiting, 1, look_ms) > 0) return;
    }
}

std::string read_all(const std::string& path, Readers readers, const std::function<bool()>& is_stopped) {
    const bool is_stdin = path == "-";
    const int fd = is_stdin ? STDIN_FILENO
                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC); // NOLINT: POSIX's open is variadic.
    const auto fail = [&] {
        return Error{
            ExitCode::usage,
            fmt::format("cannot read '{}': {}", is_stdin ? "standard input" : path, std::strerror(errno)),
            read_remedy(errno)};
    };
    if (fd < 0) throw fail();
    std::string bytes;
    struct stat about {};
    const bool is_known = ::fstat(fd, &about) == 0;
    if (readers == Readers::owner_and_group && is_known && is_open_to_others(about)) {
        if (!is_stdin) ::close(fd);
        throw Error{ExitCode::usage,
                    fmt::format("cannot use '{}': everybody on this machine may read or change it", path),
                    fmt::format("Close it: chmod o-rwx '{}'.", path)};
    }
    if (is_known && about.st_size > 0) bytes.reserve(static_cast<std::size_t>(about.st_size) + 1);
    std::size_t used = 0;
    while (true) {
        if (bytes.size() - used < 65536) bytes.resize(std::max(bytes.capacity(), used + 65536));
        if (is_stopped) await_input(fd, is_stopped);
        const auto got = ::read(fd, bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw fail();
        used += static_cast<std::size_t>(got);
        if (got == 0 || used > k_max_bytes) break;
    }
    if (!is_stdin) ::close(fd);
    if (used > k_max_bytes)
        throw Error{ExitCode::usage, fmt::format("cannot read '{}': more than 256 MiB", path)};
    bytes.resize(used);
    return bytes;
}
}

const char* read_remedy(int error) {
    switch (error) {
    case ENOENT: return "Look at its name, and at the folder that you are in.";
    case EACCES: return "Ask its owner for the right to read it.";
    case EISDIR: return "Name a file in that folder.";
    default: return "";
    }
}

std::string read_input(const std::string& path, Readers readers) { return read_all(path, readers, {}); }

std::string read_input(const std::string& path, const std::function<bool()>& is_stopped) {
    if (path == "-" && ::isatty(STDIN_FILENO) == 1)
        log::notice("reading from the terminal; Ctrl-D at the beginning of a line ends it");
    return read_all(path, Readers::any, is_stopped);
}
}
