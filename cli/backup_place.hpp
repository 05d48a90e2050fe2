#pragma once
#include "cli/options/options.hpp"
#include "core/ops/backups/backup_place.hpp"

#include <string>

// Where backups lie, as commands are told.
namespace cti::cli {

struct PlaceOptions {
    std::string where = ops::k_backup_folder;
    std::string endpoint, style = "auto";
};
// names: "--dir", with CTI_BACKUP_DIR; --s3-endpoint, --s3-style
void add_place_options(Options& app, PlaceOptions& options, const std::string& names,
                       const std::string& description);
// The two of buckets alone.
void add_bucket_options(Options& app, PlaceOptions& options, const std::string& group);
// With the keys that variables and files hold, where a bucket may be asked. Throws Error(usage) where one of
// these files cannot be read.
ops::BackupPlace find_place(const PlaceOptions& options, const std::string& which = {});
}
