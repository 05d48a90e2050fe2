#include "core/ops/backups/prune_backups.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>
#include <map>

namespace cti::ops {
namespace {

std::vector<PrunedBackup> prune(const Environment& environment, const PruneOptions& options) {
    const auto place = open_place(environment, options.place);
    const auto all = place->list();
    std::map<std::string, std::vector<std::size_t>> by_database;
    std::vector<PrunedBackup> pruned;
    for (const auto& stored : all) {
        // What is damaged takes no place of what is whole, and stays for whoever wants to know why.
        const bool is_whole = stored.manifest && stored.fault.empty();
        if (is_whole) by_database[stored.manifest->database.database].push_back(pruned.size());
        pruned.push_back({stored.path, is_whole ? "" : stored.fault, stored.name.time, false});
    }
    for (const auto& [database, places] : by_database) {
        std::vector<backup::Kept> kept;
        for (const auto i : places)
            kept.push_back({all[i].manifest->started, all[i].verified.last().has_value()});
        const auto reasons = backup::reasons_to_keep(kept, options.rules, environment.now());
        for (std::size_t n = 0; n < places.size(); ++n) pruned[places[n]].reason = reasons[n];
    }
    if (options.dry_run) return pruned;
    place->remove_leftovers();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!pruned[i].reason.empty()) continue;
        if (environment.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
        pruned[i].is_removed = place->remove(all[i]);
        if (!pruned[i].is_removed) pruned[i].reason = "somebody reads it";
    }
    return pruned;
}
}

std::vector<PrunedBackup> prune_backups(const Environment& environment, const PruneOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    try {
        return prune(environment, options);
    } catch (const std::exception& error) {
        if (options.dry_run) throw;
        BackupNotice notice;
        notice.event = k_prune_failed, notice.place = options.place;
        notice.duration =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
        post_failure(environment, options.webhook, notice, error);
        throw;
    }
}
}
