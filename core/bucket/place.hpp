#pragma once
#include "core/backup/place.hpp"
#include "core/bucket/client.hpp"

#include <functional>
#include <memory>
#include <string>

// Backups in a bucket: PREFIX/NAME/dump.custom and so on, and PREFIX/NAME/manifest.json, without which it is
// no backup: it comes last, and goes first. As long as one is made, removed
// or read, a mark lies beside that says so.
namespace cti::bucket {

struct PlaceSettings {
    Settings settings;
    IsStopped is_stopped;
    std::function<Time()> now;
    std::function<void(const std::string&)> say; // what is done at the moment; may be empty
};
// where: "s3://bucket/prefix". Throws Error(usage). Files of this machine lie in the folder for temporary
// ones meanwhile.
std::unique_ptr<backup::Place> make_place(const std::string& where, PlaceSettings settings);
}
