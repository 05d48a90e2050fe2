#pragma once
#include "core/ops/exports/export_target.hpp"
#include "core/store/own/export_cursors.hpp"

#include <string>
#include <vector>

namespace cti::ops {

// Sees to it that exports of one name hand out each article once, whenever a run is killed: the cursor moves
// before the file has its name, and says which file that is.
class Delivery {
public:
    // name: "" does nothing of all that.
    explicit Delivery(std::string name) : m_name(std::move(name)) {}

    // Narrows the selection to what was not handed out. Throws Error where nobody can tell what was.
    void begin(const Environment& environment, db::Transaction& tx, store::Selection& selection);
    void add(int article_id);
    // In the transaction that the articles were read in.
    void end_reading(db::Transaction& tx, const db::Schema& schema);
    // All was written to the target: moves the cursor, and lets the target give it out. Throws Error(locked)
    // where another export of that name has done so meanwhile.
    void deliver(db::Database& database, Target& target);

private:
    void record_file(db::Database& database, const std::string& file) const;
    void move_cursor(db::Database& database, Target& target, const std::string& file);
    void confirm(db::Database& database, const std::string& file);

    std::string m_name;
    store::ExportCursor m_cursor;
    store::ExportCursor::Place m_place;
    std::vector<int> m_exported;
    std::vector<std::string> m_files; // that exports of this name made, and that are gone
};
}
