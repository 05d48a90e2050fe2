#pragma once
#include "core/backup/folder.hpp"

#include <optional>
#include <string>
#include <system_error>

namespace cti::backup {

// A backup that is being made: under a hidden name until it is whole, and gone where it never is. Throws
// Error(output).
class PartialFolder {
public:
    PartialFolder(const std::string& folder, const std::string& name);
    ~PartialFolder();
    PartialFolder(const PartialFolder&) = delete;
    PartialFolder& operator=(const PartialFolder&) = delete;

    const std::string& path() const { return m_path; }

    // All of it is on the disk, with its manifest, and has its name from now on; where others have that one,
    // the next number. The manifest says which.
    std::string publish(Name name, Manifest& manifest);

private:
    std::string m_folder, m_path;
    std::optional<FolderLock> m_lock;
    bool m_is_whole = false;
};

// Throws Error(output).
[[noreturn]] void fail_to_write(const std::string& path, const std::error_code& error);
void write_manifest(const std::string& folder, const Manifest& manifest);
}
