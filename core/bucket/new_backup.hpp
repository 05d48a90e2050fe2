#pragma once
#include "core/backup/place.hpp"
#include "core/bucket/place.hpp"

#include <memory>
#include <string>

// A backup on its way into a bucket; for place.cpp alone.
namespace cti::bucket {

std::unique_ptr<backup::NewBackup> begin_backup(const Address& address, const PlaceSettings& settings,
                                                const backup::Name& name);

// Beside what is being made or removed (k_claim), so that the next run knows what was begun, or read
// (k_reader), so that nobody removes it. Its key.
std::string put_mark(Client& client, const std::string& folder_key, std::string_view kind);
}
