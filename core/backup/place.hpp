#pragma once
#include "core/backup/folder.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Where backups lie: a folder, or a bucket. What is done with them is the same for both.
namespace cti::backup {

// A backup that is being made, in a folder of this machine. What is never published is gone with this.
class NewBackup {
public:
    NewBackup() = default;
    NewBackup(const NewBackup&) = delete;
    NewBackup& operator=(const NewBackup&) = delete;
    virtual ~NewBackup() = default;

    virtual const std::string& folder() const = 0; // its files are written here, all but the manifest

    // All that the folder holds is safe, and the backup has its name from now on; where others have that one,
    // the next number. Sets the manifest's name, and returns where the backup lies. Throws Error(output).
    virtual std::string publish(Name name, Manifest& manifest) = 0;
};

// A backup whose files lie in a folder of this machine as long as this lives, and that no cti of this machine
// removes.
class HeldBackup {
public:
    HeldBackup() = default;
    HeldBackup(const HeldBackup&) = delete;
    HeldBackup& operator=(const HeldBackup&) = delete;
    virtual ~HeldBackup() = default;
    virtual const Stored& stored() const = 0; // its folder is where to read
};

class Place {
public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    virtual ~Place() = default;

    virtual const std::string& text() const = 0; // as it was named
    // The folder where they are, for what asks about its disk; "": they are not on this machine.
    virtual std::string local_folder() const = 0;

    // Oldest first. Throws Error where the place cannot be read; one that does not exist is empty.
    virtual std::vector<Stored> list() = 0;
    // A backup by where it lies, its name, its label (the newest of it) or "latest": the newest that is whole
    // as far as one sees. Nothing: there is none.
    virtual std::optional<Stored> find(const std::string& which) = 0;

    // Makes the place where it is missing, and removes what was begun by a process that is no more; how many.
    virtual int prepare() = 0;
    virtual int remove_leftovers() = 0; // the same of a place that is there
    virtual std::unique_ptr<NewBackup> begin(const Name& name) = 0;
    virtual std::unique_ptr<HeldBackup> hold(const Stored& stored) = 0;
    virtual void record_verified(const Stored& stored, const Verified& verified) = 0;
    // False where somebody reads it.
    virtual bool remove(const Stored& stored) = 0;
};

std::unique_ptr<Place> make_folder_place(const std::string& folder);

// Of a list with the oldest first.
std::optional<Stored> choose_stored(const std::vector<Stored>& list, const std::string& which);
}
