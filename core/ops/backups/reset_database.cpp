#include "core/ops/backups/reset_database.hpp"

#include "core/base/text.hpp"
#include "core/db/databases.hpp"
#include "core/ops/backups/require_alone.hpp"

#include <fmt/format.h>

namespace cti::ops {
namespace {

// The first of them, and how many there are beside.
std::string join_first(const std::vector<std::string>& names) {
    constexpr std::size_t k_max_named = 10;
    if (names.size() <= k_max_named) return join(names, ", ");
    return fmt::format("{} and {} more", join({names.begin(), names.begin() + k_max_named}, ", "),
                       names.size() - k_max_named);
}

void require_name(const std::string& database, const ResetOptions& options) {
    if (options.dry_run && options.confirm.empty()) return;
    if (options.confirm == database) return;
    throw Error{ExitCode::usage,
                options.confirm.empty()
                    ? fmt::format("--reset drops all that is in the database '{}'", printable(database))
                    : fmt::format("--confirm names '{}', and the database is '{}'",
                                  printable(options.confirm), printable(database)),
                fmt::format("If that is what you want, say --confirm={}.", printable(database))};
}

void require_own(db::Transaction& transaction, const std::string& database) {
    const auto foreign = db::find_foreign_contents(transaction);
    if (foreign.empty()) return;
    throw Error{ExitCode::schema,
                fmt::format("cannot reset the database '{}', as it holds what cti did not make: {}",
                            printable(database), join_first(foreign)),
                "Give cti a database of its own, or take sources out with 'cti sources remove'."};
}
}

db::OwnContents reset_database(db::Transaction& transaction, const ResetOptions& options) {
    const auto database = db::current_database(transaction);
    require_name(database, options);
    require_alone(db::other_sessions(transaction), database);
    require_own(transaction, database);
    return db::drop_own(transaction);
}
}
