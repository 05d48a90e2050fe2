#pragma once
#include "core/backup/dump_reading.hpp"
#include "core/backup/place.hpp"
#include "core/db/databases.hpp"
#include "core/ops/backups/backup_place.hpp"
#include "core/ops/environment.hpp"
#include "core/store/read/database_facts.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// A dump that becomes a database.
namespace cti::ops {

// What is to be read: a backup of cti with its manifest, or any other dump.
struct FoundDump {
    std::string path;                                     // of the dump itself
    std::optional<backup::Stored> backup;                 // its folder
    std::string key_file;                                 // of what is encrypted; "": none was given
    std::optional<backup::TableSelection> selection = {}; // what of it is wanted; nothing: all
    const backup::Manifest* manifest() const { return backup ? &*backup->manifest : nullptr; }
};
// which: a path, the name or label of a backup in the folder, or "latest". Throws Error(usage) where there is
// none, Error(check) where its manifest cannot be read.
FoundDump find_dump(backup::Place& place, const std::string& which);
FoundDump to_dump(backup::Stored stored); // the same of a backup that was found
// Its files are there to be read as long as what comes back lives, which is null for a dump that is none of
// cti's.
std::unique_ptr<backup::HeldBackup> hold_dump(backup::Place& place, FoundDump& dump);
// What of the database its manifest is about.
store::Scope scope_of(const backup::Manifest& manifest);

// An empty database that is dropped again, unless it got another name.
class ScratchDatabase {
public:
    ScratchDatabase(db::Database& server, const std::string& like, Time now);
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;
    const std::string& name() const { return m_name; }
    void keep() { m_is_kept = true; }

private:
    db::Database& m_server;
    std::string m_name;
    bool m_is_kept = false;
};

struct LoadReport {
    backup::DumpSummary summary;
    std::vector<std::string> refused; // what the server would not do without harm, the first of each
    bool is_superuser = false;
};

// All or nothing of it, in one transaction. Throws Error.
LoadReport load_dump(const Environment& environment, db::Database& into, const FoundDump& dump,
                     const OnProgress& on_progress);
// Reads all of it, and sends nothing anywhere.
backup::DumpSummary decode_dump(const Environment& environment, const FoundDump& dump,
                                const OnProgress& on_progress);

// What is wrong with the files of a backup, see backup::find_damage().
std::vector<std::string> find_file_damage(const Environment& environment, const backup::Stored& stored,
                                          const OnProgress& on_progress);
// What of the manifest's figures a copy of the dump must have.
DatabaseFacts wanted_facts(const FoundDump& dump);
// What the rows of the dump and the manifest do not agree on.
std::vector<std::string> differing_rows(const backup::Manifest& manifest, const backup::DumpSummary& summary);
}
