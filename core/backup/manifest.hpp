#pragma once
#include "core/base/time.hpp"
#include "core/model/database_facts.hpp"
#include "core/model/named.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cti::backup {

struct FileFacts {
    std::string name; // within the backup's folder: "dump.custom", "dump/toc.dat"
    long size = 0;
    std::string sha256;
    bool operator==(const FileFacts&) const = default;
};

// What is known of a backup: manifest.json in its folder.
struct Manifest {
    std::string name, label, format, compression, only; // see BackupOptions
    std::string encryption;                             // a name of Cipher, or "": the files are as they are
    std::string program_version, pg_dump_version;
    Time started; // in milliseconds: which of two of one second is the newer one
    std::chrono::milliseconds duration{0};
    DatabaseFacts database;
    std::vector<FileFacts> files;

    long bytes() const;
};

// JSON whose last member is the SHA-256 of all bytes before it, so that a changed byte is seen.
std::string to_json(const Manifest& manifest);
// Throws Error(check) where it was changed, or is none.
Manifest parse_manifest(std::string_view json);

enum class Depth { checksums, decode, restore };
constexpr std::string_view name_of(Depth value) {
    switch (value) {
    case Depth::checksums: return "checksums";
    case Depth::decode: return "decode";
    case Depth::restore: return "restore";
    }
    return {};
}

// When a backup was found to be whole: verified.json beside the manifest, so that it goes where the backup
// goes.
struct Verified {
    std::array<std::optional<Time>, k_names<Depth>.size()>
        at;             // by Depth: the last time that it was looked at so far, and was well
    std::string damage; // "" where the last look found none
    std::optional<Time> last() const;
    std::optional<Depth> deepest() const;
};
std::string to_json(const Verified& verified);
// What cannot be read counts as nothing: it only makes somebody look again.
Verified parse_verified(std::string_view json);

// How a restored copy differs from what the manifest says; empty: not at all.
std::vector<std::string> differences(const DatabaseFacts& wanted, const DatabaseFacts& found);
}
