#pragma once
#include "core/backup/manifest.hpp"
#include "core/backup/name.hpp"
#include "core/bucket/objects.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// What a bucket's list of objects says of backups.
namespace cti::bucket {

constexpr std::string_view k_claim = ".claim-"; // it is being made or removed
constexpr std::string_view k_reader = ".reading-";

struct BackupObjects {
    backup::Name name;
    std::map<std::string, Object> files; // by their names within the backup, manifest and verified among them
    std::vector<Object> claims, readers;

    bool has_manifest() const;
    Time newest() const; // of all its objects but those of readers
};
// By the name of the backup; what has no such name is left out.
std::map<std::string, BackupObjects> group_by_backup(const std::vector<Object>& objects,
                                                     const std::string& prefix);

// A name within a backup that leads nowhere else: "dump/toc.dat".
bool is_inner_name(std::string_view name);

// What a look at names and sizes alone tells; "": nothing.
std::string find_fault(const BackupObjects& found, const backup::Manifest& manifest);
// What lies beside what the manifest names.
std::vector<std::string> find_strays(const BackupObjects& found, const backup::Manifest& manifest);
}
