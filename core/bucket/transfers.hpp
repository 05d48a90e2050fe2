#pragma once
#include "core/bucket/objects.hpp"

#include <functional>
#include <string>

// Files into a bucket and out again, piece by piece.
namespace cti::bucket {

constexpr long k_part_size = 8l << 20; // what is longer goes in parts

using OnBytes = std::function<void(long)>;

// What is stored is compared with the file by its MD5; where the server's ETag is not that (as with keys of
// KMS), by reading it back. Throws Error(output) where they differ, and leaves no upload open that it knows.
void upload_file(Client& client, const std::string& path, const std::string& key, const OnBytes& on_bytes);
// Throws Error(output) where it cannot be written.
void download_file(Client& client, const Object& object, const std::string& path, const OnBytes& on_bytes);
}
