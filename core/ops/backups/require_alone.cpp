#include "core/ops/backups/require_alone.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <string>

namespace cti::ops {

void require_alone(const std::vector<db::OtherSession>& sessions, std::string_view database) {
    if (sessions.empty()) return;
    constexpr std::size_t k_max_named = 10;
    std::vector<std::string> names;
    for (const auto& session : sessions)
        if (names.size() < k_max_named)
            names.push_back(
                fmt::format("{} ({} from {}, pid {})",
                            printable(session.application.empty() ? "a client" : session.application),
                            printable(session.user), session.address, session.pid));
    throw Error{ExitCode::locked,
                fmt::format("{} at work in the database '{}': {}",
                            sessions.size() == 1 ? "somebody is" : "others are", printable(database),
                            join(names, ", ")),
                "Stop them first: collectors, monitors, workers, the web service, psql."};
}
}
