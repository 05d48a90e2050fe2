#include "core/bucket/backups.hpp"

#include "core/backup/folder.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::bucket {

bool BackupObjects::has_manifest() const { return files.contains(backup::k_manifest_file); }

Time BackupObjects::newest() const {
    auto newest = Time::min();
    for (const auto& [file, object] : files) newest = std::max(newest, object.modified);
    for (const auto& claim : claims) newest = std::max(newest, claim.modified);
    return newest;
}

std::map<std::string, BackupObjects> group_by_backup(const std::vector<Object>& objects,
                                                     const std::string& prefix) {
    std::map<std::string, BackupObjects> backups;
    for (const auto& object : objects) {
        if (!object.key.starts_with(prefix)) continue;
        const auto rest = std::string_view(object.key).substr(prefix.size());
        const auto slash = rest.find('/');
        const auto name = slash == rest.npos ? std::nullopt : backup::parse_name(rest.substr(0, slash));
        if (!name) continue;
        auto& backup = backups[std::string(rest.substr(0, slash))];
        backup.name = *name;
        const auto inner = rest.substr(slash + 1);
        if (inner.starts_with(k_claim))
            backup.claims.push_back(object);
        else if (inner.starts_with(k_reader))
            backup.readers.push_back(object);
        else
            backup.files.emplace(inner, object);
    }
    return backups;
}

bool is_inner_name(std::string_view name) {
    if (name.empty() || name.size() > 500) return false;
    return std::ranges::all_of(split(name, '/'), [](std::string_view part) {
        return !part.empty() && part != "." && part != ".." &&
               std::ranges::all_of(part, [](char c) { return static_cast<unsigned char>(c) > 0x1F; });
    });
}

std::string find_fault(const BackupObjects& found, const backup::Manifest& manifest) {
    for (const auto& file : manifest.files) {
        const auto it = found.files.find(file.name);
        if (it == found.files.end() || !is_inner_name(file.name))
            return fmt::format("'{}' is missing", printable(file.name));
        if (it->second.size != file.size) return fmt::format("'{}' has another size", printable(file.name));
    }
    return {};
}

std::vector<std::string> find_strays(const BackupObjects& found, const backup::Manifest& manifest) {
    std::vector<std::string> strays;
    for (const auto& [name, object] : found.files) {
        const bool is_named =
            name == backup::k_manifest_file || name == backup::k_verified_file ||
            std::ranges::find(manifest.files, name, &backup::FileFacts::name) != manifest.files.end();
        if (!is_named) strays.push_back(name);
    }
    return strays;
}
}
