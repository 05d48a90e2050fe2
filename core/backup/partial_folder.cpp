#include "core/backup/partial_folder.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"
#include "core/io/sync.hpp"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>

namespace cti::backup {
namespace {
namespace fs = std::filesystem;

// A folder that holds something is never replaced by another one.
bool is_taken(const std::error_code& error) {
    return error == std::errc::directory_not_empty || error == std::errc::file_exists ||
           error == std::errc::not_a_directory;
}

void sync_all(const std::string& path) {
    for (const auto& entry : fs::recursive_directory_iterator(path))
        entry.is_directory() ? io::sync_folder(entry.path().string()) : io::sync_file(entry.path().string());
}
}

void fail_to_write(const std::string& path, const std::error_code& error) {
    throw Error{ExitCode::output,
                fmt::format("cannot write '{}': {}", printable(path), ascii_lower(error.message())),
                "Name a folder with --to that may be written to."};
}

PartialFolder::PartialFolder(const std::string& folder, const std::string& name)
    : m_folder(folder), m_path((fs::path(folder) / hidden_name(name)).string()) {
    // What is in it is for nobody else.
    if (::mkdir(m_path.c_str(), 0700) != 0)
        fail_to_write(m_path, std::error_code(errno, std::generic_category()));
    m_lock.emplace(m_path, FolderLock::Kind::change);
}

PartialFolder::~PartialFolder() {
    std::error_code ignored;
    if (!m_is_whole) fs::remove_all(m_path, ignored);
}

std::string PartialFolder::publish(Name name, Manifest& manifest) {
    sync_all(m_path);
    // To look first whether the name is free would leave a moment for somebody else to take it.
    for (;; ++name.number) {
        manifest.name = to_text(name);
        write_manifest(m_path, manifest);
        io::sync_folder(m_path);
        const auto path = fs::path(m_folder) / manifest.name;
        std::error_code error;
        fs::rename(m_path, path, error);
        if (is_taken(error) && name.number < k_max_number) continue;
        if (error) fail_to_write(path.string(), error);
        m_is_whole = true;
        io::sync_folder(m_folder);
        return path.string();
    }
}

void write_manifest(const std::string& folder, const Manifest& manifest) {
    io::Out out((fs::path(folder) / k_manifest_file).string());
    if (out.write(to_json(manifest))) out.close();
}
}
