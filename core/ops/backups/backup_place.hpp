#pragma once
#include "core/backup/place.hpp"
#include "core/bucket/address.hpp"
#include "core/ops/environment.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cti::ops {

constexpr const char* k_backup_folder = "backups";

// Where backups lie, as people name it: a folder, or "s3://bucket/prefix" with who asks for it.
struct BackupPlace {
    std::string where = k_backup_folder;
    bucket::Settings bucket = {};
};

using OnProgress = std::function<void(const std::string&)>;

// Throws Error(usage) where it is no such place. The environment outlives it.
std::unique_ptr<backup::Place> open_place(const Environment& environment, const BackupPlace& place,
                                          const OnProgress& on_progress = {});

// Where to look for a backup that is named as "s3://bucket/prefix/NAME": there, and what is left is NAME.
BackupPlace place_of(const BackupPlace& place, std::string& which);
}
