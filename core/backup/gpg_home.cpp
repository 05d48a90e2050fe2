#include "core/backup/encryption.hpp"
#include "core/base/text.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cti::backup {
namespace {
namespace fs = std::filesystem;
constexpr const char* k_home_begin = "cti-gpg.";

// Memory rather than a disk: a secret key comes by here.
fs::path root() {
    fs::path memory("/dev/shm");
    if (::access(memory.c_str(), W_OK | X_OK) == 0) return memory;
    std::error_code error;
    auto folder = fs::temp_directory_path(error);
    return error ? fs::path("/tmp") : folder;
}

// -1: somebody else has it.
int lock(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    if (descriptor >= 0) ::close(descriptor);
    return -1;
}

void remove_leftovers(const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        struct stat info {};
        const auto& path = entry.path();
        if (!path.filename().string().starts_with(k_home_begin) || ::lstat(path.c_str(), &info) != 0 ||
            !S_ISDIR(info.st_mode) || info.st_uid != ::geteuid())
            continue;
        const int held = lock(path.string());
        if (held < 0) continue;
        fs::remove_all(path, error);
        ::close(held);
    }
}

// GnuPG starts a daemon that keeps the keys, and outlives it.
void stop_agent(const std::string& home) try {
    io::ChildPlan plan;
    plan.words = {"gpgconf", "--homedir", home, "--kill", "all"};
    plan.variables = io::Variables::few;
    io::ChildProcess(std::move(plan)).finish();
} catch (const Error&) { // NOLINT: it ends by itself when its folder is gone.
}
}

GpgHome::GpgHome() {
    const auto folder = root();
    remove_leftovers(folder);
    // Another process may take it for a leftover as long as nobody holds it.
    for (bool is_ours = false; !is_ours;) {
        m_path = (folder / fmt::format("{}XXXXXX", k_home_begin)).string();
        if (::mkdtemp(m_path.data()) == nullptr)
            throw Error{ExitCode::failure,
                        fmt::format("cannot make a folder for gpg in '{}': {}", printable(folder.string()),
                                    ascii_lower(std::strerror(errno)))};
        m_lock = lock(m_path);
        std::error_code error;
        is_ours = m_lock >= 0 && fs::exists(m_path, error);
        if (!is_ours && m_lock >= 0) ::close(m_lock);
    }
}

GpgHome::~GpgHome() {
    stop_agent(m_path);
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
    if (m_lock >= 0) ::close(m_lock);
}
}
