#pragma once
#include "core/db/diagnosis.hpp"
#include "core/ops/doctor/doctor.hpp"

#include <initializer_list>
#include <string>
#include <vector>

// The parts of examine().
namespace cti::ops {

class Findings {
public:
    // detail: may come from outside.
    void add(std::string check, Verdict verdict, const std::string& detail, std::string remedy = {});
    void skip(std::initializer_list<const char*> checks, const std::string& why);
    void append(std::vector<Finding> more);
    std::vector<Finding> release() { return std::move(m_findings); }

private:
    std::vector<Finding> m_findings;
};

// Whether somebody answers where the address leads.
bool look_at_network(const db::Target& target, Findings& findings);
// Whether the tables have what their statements rely on.
void look_at_tables(db::Transaction& transaction, const db::Schema& schema, Findings& findings);
// Logs in, and looks at the server, the schema, and what runs have left.
void look_at_database(const DoctorOptions& options, const std::string& url, const db::Target& target,
                      Findings& findings);
// Connections, and statements that are slow.
void look_at_load(db::Transaction& transaction, Findings& findings);
// Whether this user may write there, where it is there.
void look_at_backup_folder(const std::string& folder, Findings& findings);
// Whether there are some, whether they were restored, and where they lie.
void look_at_backups(db::Transaction& transaction, const BackupPlace& where, Time now, Findings& findings);
}
