#include "core/io/out.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/sync.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <random>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cti::io {
namespace {
// A device or a pipe cannot be replaced by a rename: it is written to as it is.
bool is_special(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

void sync_folder_of(const std::string& path) {
    sync_folder(std::filesystem::path(path).parent_path().string());
}
}

Out::Out(std::string path, Compression compression)
    : m_path(std::move(path)), m_descriptor(STDOUT_FILENO), m_compressor(make_compressor(compression)) {
    if (m_path == "-") return;
    if (is_special(m_path)) {
        m_descriptor = ::open(m_path.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
        open_beside();
    }
    if (m_descriptor < 0) fail(errno);
}

// Without a name until all is written, so that a process that is killed leaves nothing behind (Linux:
// O_TMPFILE). Where the file system or /proc do not go along, under the temporary name from the start.
void Out::open_beside() {
    const std::filesystem::path target(m_path);
    const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    // The number of the process alone is the same in every container: what another one left must not be
    // overwritten.
    m_temporary = (target.parent_path() / fmt::format(".{}.tmp.{}.{:08x}", target.filename().string(),
                                                      ::getpid(), std::random_device{}()))
                      .string();
    m_descriptor = ::access("/proc/self/fd", X_OK) == 0
                       ? ::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666)
                       : -1;
    m_is_nameless = m_descriptor >= 0;
    if (!m_is_nameless)
        m_descriptor =
            ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    // Held until the file has its name: whoever finds it under the temporary one sees whether somebody still
    // works at it. A file system without locks cannot say so.
    if (m_descriptor >= 0) ::flock(m_descriptor, LOCK_EX | LOCK_NB);
}

// Only what is on the disk gets a name.
void Out::sync_and_name() {
    if (m_temporary.empty()) return;
    if (::fsync(m_descriptor) != 0) fail(errno);
    if (!std::exchange(m_is_nameless, false)) return;
    const auto self = fmt::format("/proc/self/fd/{}", m_descriptor);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, m_temporary.c_str(), AT_SYMLINK_FOLLOW) != 0) fail(errno);
}

Out::~Out() {
    if (m_descriptor != STDOUT_FILENO && m_descriptor >= 0) ::close(m_descriptor);
    if (!m_temporary.empty() && !m_is_nameless && !m_keeps_temporary) ::unlink(m_temporary.c_str());
}

namespace {
const char* write_hint(int error) {
    switch (error) {
    case ENOSPC: return "Free some space, or write somewhere else with -o.";
    case ENOENT: return "Make the folder first (mkdir -p), or write somewhere else with -o.";
    case EACCES:
    case EROFS: return "Write somewhere else with -o, or ask for the right to write there.";
    default: return "";
    }
}
}

void Out::fail(int error) const {
    const auto name = m_path == "-" ? std::string("standard output") : fmt::format("'{}'", printable(m_path));
    throw Error{ExitCode::output, fmt::format("cannot write {}: {}", name, ascii_lower(std::strerror(error))),
                write_hint(error)};
}

void Out::protect_terminal() {
    m_protects_terminal =
        m_descriptor == STDOUT_FILENO && m_compressor == nullptr && ::isatty(m_descriptor) == 1;
}

bool Out::write(std::string_view bytes) {
    if (m_protects_terminal) return write_raw(printable_lines(bytes));
    if (!m_compressor) return write_raw(bytes);
    m_compressed.clear();
    m_compressor->add(m_compressed, bytes, false);
    return write_raw(m_compressed);
}

bool Out::write_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EPIPE) return false;
        if (written < 0) fail(errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool Out::write_end() {
    if (std::exchange(m_is_finished, true) || !m_compressor) return true;
    m_compressed.clear();
    m_compressor->add(m_compressed, {}, true);
    return write_raw(m_compressed);
}

bool Out::finish(std::string& temporary) {
    if (!write_end()) return false;
    sync_and_name();
    if (!m_temporary.empty()) sync_folder_of(m_temporary);
    temporary = m_temporary;
    return true;
}

void Out::close() {
    if (!write_end()) return;
    if (m_descriptor == STDOUT_FILENO) return;
    sync_and_name();
    if (m_temporary.empty()) {
        if (::close(std::exchange(m_descriptor, -1)) != 0) fail(errno);
        return;
    }
    // All is synced. The descriptor stays open meanwhile, for its lock.
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) fail(errno);
    sync_folder_of(m_path);
    m_temporary.clear();
}
}
