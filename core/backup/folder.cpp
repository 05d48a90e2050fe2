#include "core/backup/folder.hpp"

#include "core/backup/place.hpp"
#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"
#include "core/io/read_input.hpp"
#include "core/io/sync.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <sys/file.h>
#include <tuple>
#include <unistd.h>

namespace cti::backup {
namespace {
namespace fs = std::filesystem;

[[noreturn]] void fail(ExitCode code, const std::string& what, const std::string& path,
                       const std::string& why) {
    throw Error{code, fmt::format("cannot {} '{}': {}", what, printable(path), ascii_lower(why))};
}

FileFacts read_file(const fs::path& path, const std::string& name,
                    const std::function<void(long)>& on_bytes) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) fail(ExitCode::check, "read", path.string(), std::strerror(errno));
    Sha256 sum;
    FileFacts facts{name, 0, {}};
    std::array<char, 1 << 16> room{};
    ssize_t size = 0;
    while ((size = ::read(descriptor, room.data(), room.size())) > 0) {
        sum.add({room.data(), static_cast<std::size_t>(size)});
        facts.size += size;
        if (on_bytes) on_bytes(size);
    }
    const int error = errno;
    ::close(descriptor);
    if (size < 0) fail(ExitCode::check, "read", path.string(), std::strerror(error));
    facts.sha256 = sum.hex();
    return facts;
}

bool is_about_it(const std::string& name) {
    return name == k_manifest_file || name == k_verified_file ||
           name.starts_with(std::string(".") + k_verified_file);
}

// What a look at sizes alone tells.
std::string find_fault(const std::string& path, const Manifest& manifest) {
    for (const auto& file : manifest.files) {
        std::error_code error;
        const auto size = fs::file_size(fs::path(path) / file.name, error);
        if (error) return fmt::format("'{}' is missing", printable(file.name));
        if (static_cast<long>(size) != file.size)
            return fmt::format("'{}' has another size", printable(file.name));
    }
    return {};
}

std::string read_text(const fs::path& path) { return io::read_input(path.string()); }
}

std::vector<FileFacts> read_files(const std::string& folder, const std::function<void(long)>& on_bytes) try {
    std::vector<FileFacts> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto name = entry.path().lexically_relative(folder).string();
        if (entry.is_directory() && !entry.is_symlink()) continue;
        if (!is_about_it(name)) files.push_back(read_file(entry.path(), name, on_bytes));
    }
    std::ranges::sort(files, {}, &FileFacts::name);
    return files;
} catch (const fs::filesystem_error& error) {
    fail(ExitCode::check, "read", folder, error.code().message());
}

Stored read_stored(const std::string& path) {
    Stored stored;
    stored.path = stored.folder = path;
    if (const auto name = parse_name(fs::path(path).filename().string())) stored.name = *name;
    try {
        stored.manifest = parse_manifest(read_text(fs::path(path) / k_manifest_file));
        stored.fault = find_fault(path, *stored.manifest);
    } catch (const Error& error) {
        stored.fault = error.what();
    }
    std::error_code error;
    if (fs::exists(fs::path(path) / k_verified_file, error))
        stored.verified = parse_verified(read_text(fs::path(path) / k_verified_file));
    if (stored.fault.empty()) stored.fault = stored.verified.damage;
    return stored;
}

void sort_oldest_first(std::vector<Stored>& list) {
    std::ranges::sort(list, {}, [](const Stored& stored) {
        const auto started = stored.manifest ? stored.manifest->started : stored.name.time;
        return std::tuple(stored.name.time, started, stored.name.number, stored.path);
    });
}

std::vector<Stored> list_stored(const std::string& folder) {
    std::vector<Stored> list;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    if (error == std::errc::no_such_file_or_directory) return list;
    if (error) fail(ExitCode::usage, "read", folder, error.message());
    for (const auto& entry : entries)
        if (entry.is_directory() && parse_name(entry.path().filename().string()))
            list.push_back(read_stored(entry.path().string()));
    sort_oldest_first(list);
    return list;
}

std::optional<Stored> find_stored(const std::string& folder, const std::string& which) {
    std::error_code error;
    // By its name too, where the manifest is what is missing.
    const bool is_named =
        fs::is_directory(which, error) && parse_name(fs::absolute(which).filename().string()).has_value();
    if (is_named || fs::exists(fs::path(which) / k_manifest_file, error))
        return read_stored(fs::canonical(which).string());
    return choose_stored(list_stored(folder), which);
}

std::vector<std::string> find_damage(const Stored& stored, const std::function<void(long)>& on_bytes) {
    if (!stored.manifest) return {stored.fault};
    std::map<std::string, FileFacts> found;
    std::vector<std::string> damage;
    for (auto& file : read_files(stored.folder, on_bytes)) found.emplace(file.name, file);
    for (const auto& wanted : stored.manifest->files) {
        const auto it = found.find(wanted.name);
        if (it == found.end())
            damage.push_back(fmt::format("'{}' is missing", printable(wanted.name)));
        else if (it->second.size != wanted.size)
            damage.push_back(fmt::format("'{}' has {} bytes, not {}", printable(wanted.name), it->second.size,
                                         wanted.size));
        else if (it->second != wanted)
            damage.push_back(fmt::format("'{}' was changed", printable(wanted.name)));
        found.erase(wanted.name);
    }
    for (const auto& [name, facts] : found)
        damage.push_back(fmt::format("'{}' does not belong to it", printable(name)));
    for (const auto& name : stored.strays)
        damage.push_back(fmt::format("'{}' does not belong to it", printable(name)));
    return damage;
}

void record_verified(const Stored& stored, const Verified& verified) {
    io::Out out((fs::path(stored.folder) / k_verified_file).string());
    if (out.write(to_json(verified))) out.close();
}

FolderLock::FolderLock(const std::string& path, Kind kind)
    : m_descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    const int how = kind == Kind::read ? LOCK_SH : LOCK_EX;
    if (m_descriptor < 0 || ::flock(m_descriptor, how | LOCK_NB) == 0) return;
    // A file system without locks cannot say who is at work: then nobody is.
    if (errno != EWOULDBLOCK) return;
    ::close(m_descriptor);
    m_descriptor = -1;
}
FolderLock::~FolderLock() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

bool remove_stored(const Stored& stored) {
    const FolderLock lock(stored.path, FolderLock::Kind::change);
    if (!lock.is_held()) return false;
    const fs::path path(stored.path);
    const auto hidden = path.parent_path() / hidden_name(path.filename().string());
    std::error_code error;
    fs::rename(path, hidden, error);
    if (error) fail(ExitCode::output, "remove", stored.path, error.message());
    io::sync_folder(path.parent_path().string());
    fs::remove_all(hidden, error);
    if (error) fail(ExitCode::output, "remove", hidden.string(), error.message());
    return true;
}

int remove_leftovers(const std::string& folder) {
    int removed = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const auto name = entry.path().filename().string();
        if (!is_hidden_name(name) || !entry.is_directory(error) || entry.is_symlink(error)) continue;
        const FolderLock lock(entry.path().string(), FolderLock::Kind::change);
        if (!lock.is_held()) continue;
        fs::remove_all(entry.path(), error);
        if (!error) ++removed;
    }
    return removed;
}
}
