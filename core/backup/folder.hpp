#pragma once
#include "core/backup/manifest.hpp"
#include "core/backup/name.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Backups in a folder, with one folder for each.
namespace cti::backup {

constexpr const char *k_manifest_file = "manifest.json", *k_verified_file = "verified.json";

struct Stored {
    std::string path; // where it lies: of a folder, or "s3://…"
    // Where its files can be read: the path itself; of a bucket the copy that is made while it is held.
    std::string folder = {};
    std::vector<std::string> strays = {}; // files that do not belong to it, seen where it lies
    Name name;
    std::optional<Manifest> manifest; // nothing: see fault
    std::string fault; // why it cannot be restored, as far as one sees without reading all of it
    Verified verified;
};

// Those of one second by what their manifests say, so that the newest is the one that was made last.
void sort_oldest_first(std::vector<Stored>& list);

// Of one backup's folder. Never throws for what is wrong with the backup: that is its fault.
Stored read_stored(const std::string& path);
// Oldest first. Throws Error(usage) where the folder cannot be read; one that does not exist is empty.
std::vector<Stored> list_stored(const std::string& folder);

// What a restore makes of the database before: never the "latest", or a second restore would undo the first.
constexpr const char* k_safety_label = "before_restore";

// A backup by its folder, its name, its label (the newest of it) or "latest": the newest that is whole as far
// as one sees. Nothing: there is none.
std::optional<Stored> find_stored(const std::string& folder, const std::string& which);

// What is wrong with the files of a backup: missing, too many, of another size, with other bytes.
std::vector<std::string> find_damage(const Stored& stored, const std::function<void(long)>& on_bytes);

// All files below the folder but manifest and verified, by name, with their sums.
std::vector<FileFacts> read_files(const std::string& folder, const std::function<void(long)>& on_bytes);

// May throw Error(output): a folder that nobody may write to.
void record_verified(const Stored& stored, const Verified& verified);

// Held while a backup is made, read or removed. The system lets go when the process ends, however it ends.
class FolderLock {
public:
    enum class Kind { read, change };
    // is_held() is false where another process has it otherwise.
    FolderLock(const std::string& path, Kind kind);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    bool is_held() const { return m_descriptor >= 0; }

private:
    int m_descriptor;
};

// Gone under its name at once, then file by file. False where somebody reads it.
bool remove_stored(const Stored& stored);
// What was begun by a process that is no more; how many.
int remove_leftovers(const std::string& folder);
}
