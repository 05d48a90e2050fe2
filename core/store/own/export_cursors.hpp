#pragma once
#include "core/db/schema.hpp"

#include <optional>
#include <string>
#include <vector>

// What `export --new-since-last NAME` has handed out: cti.export_cursors.
namespace cti::store {

// Ids are given in order, but transactions end in any: articles of the last hour are therefore remembered one
// by one.
struct ExportCursor {
    int last_id = 0;          // all up to it were handed out, or were not selected
    std::vector<int> beyond;  // and these above it
    long exported = 0;        // in all
    std::string pending_file; // of the export that ended last; where it still waits there, nobody has got it
    struct Place {
        int last_id = 0;
        std::vector<int> beyond;
    };
    Place previous; // before that export
    int revision = 0;
};

// A new one where there is none of that name.
ExportCursor read_export_cursor(db::Transaction& transaction, const std::string& name);

// The place after an export of these articles, in the snapshot of `transaction`: that of the export itself.
ExportCursor::Place place_behind(db::Transaction& transaction, const db::Schema& schema,
                                 const ExportCursor::Place& before, const std::vector<int>& exported);

// Writes down a file before it is made; the cursor does not move.
void record_export_file(db::Transaction& transaction, const std::string& name, const std::string& file);

// What was written down and not forgotten, in the order of time.
std::vector<std::string> list_export_files(db::Transaction& transaction, const std::string& name);

// Moves the cursor. False where another export of that name has moved it meanwhile: then nothing is changed.
// `again`: the same move was tried before, and nobody knows whether it was committed; where it was, that is
// true as well.
bool move_export_cursor(db::Transaction& transaction, const std::string& name, const ExportCursor& from,
                        const ExportCursor::Place& to, long exported, const std::string& pending_file,
                        bool again = false);

// The file has its name: the export has reached whoever wanted it. `gone`: of the files that were written
// down, those that are no more.
void confirm_export(db::Transaction& transaction, const std::string& name, const std::string& file,
                    const std::vector<std::string>& gone);
}
