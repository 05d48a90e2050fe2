#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/load.hpp"
#include "core/ops/doctor/doctor_checks.hpp"
#include "core/store/own/job_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cti::ops {
namespace {
constexpr int k_min_left = 10; // for a person who looks, and a backup beside what runs
constexpr double k_slow_ms = 1000;

// What each process takes at most: the table of docs/operate.md, Connections. A monitor's jobs are a worker
// of their own.
constexpr int k_of_monitor = 3, k_of_server = 2, k_of_worker = 1, k_of_job = 2;

// What all that run may take together, and what that is; none where nothing runs for long.
struct Budget {
    int connections = 0;
    std::string of;
};
Budget count_budget(const db::Connections& connections, const std::vector<store::Worker>& workers) {
    Budget budget{k_of_monitor * connections.monitors + k_of_server * connections.servers, {}};
    for (const auto& worker : workers) budget.connections += k_of_worker + k_of_job * worker.concurrency;
    std::vector<std::string> parts;
    const auto say = [&](std::size_t count, const char* noun) {
        if (count > 0) parts.push_back(count_of(static_cast<long>(count), noun));
    };
    say(static_cast<std::size_t>(connections.monitors), "monitor");
    say(workers.size(), "worker");
    say(static_cast<std::size_t>(connections.servers), "status server");
    budget.of = join(parts, ", ");
    return budget;
}

void look_at_connections(db::Transaction& transaction, Findings& findings) {
    const auto connections = db::count_connections(transaction);
    const auto budget = count_budget(connections, store::list_workers(transaction));
    const auto at_most =
        connections.taken - connections.ours + std::max(budget.connections, connections.ours);
    const bool is_scarce = connections.allowed - at_most < k_min_left;
    auto found = fmt::format("{} of {} are taken, {} of them by cti", connections.taken, connections.allowed,
                             connections.ours);
    if (!budget.of.empty()) found += fmt::format("; {} may take {}", budget.of, budget.connections);
    findings.add(
        "connections", is_scarce ? Verdict::warn : Verdict::ok, found,
        is_scarce
            ? "Fewer replicas, a larger max_connections, or pgbouncer before the server: docs/operate.md, Connections."
            : "");
}

void look_at_statements(db::Transaction& transaction, Findings& findings) {
    const auto slow = db::find_slow_statements(transaction, k_slow_ms);
    if (!slow) return;
    if (slow->count == 0)
        return findings.add("statements", Verdict::ok, "none takes more than a second on average");
    findings.add("statements", Verdict::warn,
                 fmt::format("{} above a second on average; {:.1f} s, {}: {}",
                             count_of(slow->count, "statement"), slow->mean_ms / 1000,
                             count_of(slow->calls, "call"), slow->text),
                 "See docs/troubleshooting.md, It is slow.");
}
}

void look_at_load(db::Transaction& transaction, Findings& findings) {
    look_at_connections(transaction, findings);
    look_at_statements(transaction, findings);
}

void look_at_backup_folder(const std::string& folder, Findings& findings) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return; // 'backups' tells of it
    if (::access(folder.c_str(), W_OK | X_OK) == 0)
        return findings.add("folders", Verdict::ok, fmt::format("'{}' can be written", folder));
    findings.add(
        "folders", Verdict::warn,
        fmt::format("'{}' belongs to user {}; user {} cannot write it", folder, status.st_uid, ::geteuid()),
        fmt::format("sudo chown -R {}:{} '{}'", ::geteuid(), ::getegid(), folder));
}
}
