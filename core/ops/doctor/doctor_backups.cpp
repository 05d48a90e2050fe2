#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/databases.hpp"
#include "core/ops/doctor/doctor_checks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>

namespace cti::ops {
namespace {
using namespace std::chrono;

// A daily one may take its time; a weekly trial may come a day late.
constexpr auto k_stale = hours(26), k_unproven = hours(8 * 24);

// Of one database, as far as they are whole.
struct Known {
    long count = 0;
    std::optional<Time> newest, restored;
};

Known look(backup::Place& place, const std::string& database) {
    Known known;
    for (const auto& stored : place.list()) {
        if (!stored.fault.empty() || stored.manifest->database.database != database) continue;
        ++known.count;
        known.newest = stored.manifest->started; // the oldest comes first
        const auto& trial = stored.verified.at[static_cast<int>(backup::Depth::restore)];
        if (trial) known.restored = std::max(known.restored.value_or(*trial), *trial);
    }
    return known;
}

bool is_same_disk(const std::string& a, const std::string& b) {
    struct stat first {
    }, second{};
    return !a.empty() && !b.empty() && ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev;
}
}

void look_at_backups(db::Transaction& transaction, const BackupPlace& where, Time now, Findings& findings) {
    const Environment environment;
    const auto place = open_place(environment, where);
    const auto known = look(*place, db::current_database(transaction));
    if (!known.newest)
        return findings.add("backups", Verdict::warn,
                            fmt::format("there is none of this database in '{}'", place->text()),
                            "Make one: cti backup create. CTI_BACKUP_DIR names another place.");
    std::vector<std::string> remedies;
    if (now - *known.newest > k_stale) remedies.emplace_back("Make one each day: cti backup create.");
    if (!known.restored || now - *known.restored > k_unproven)
        remedies.emplace_back("Restore one on trial each week: cti backup verify --restore.");
    const bool is_same = is_same_disk(place->local_folder(), db::local_data_directory(transaction));
    if (is_same) remedies.emplace_back("They lie on the disk of the database: copy them to another one.");
    findings.add("backups", remedies.empty() ? Verdict::ok : Verdict::warn,
                 fmt::format("{}, the newest {}, {}", count_of(known.count, "backup"),
                             format_relative(*known.newest, now),
                             known.restored ? "restored on trial " + format_relative(*known.restored, now)
                                            : std::string("none was ever restored")),
                 join(remedies, " "));
}
}
