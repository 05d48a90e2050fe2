#pragma once
#include "core/monitor/snapshot.hpp"
#include "core/store/own/notifications.hpp"

#include <string>
#include <vector>

// What is worth a notification, from what is known. Pure: the same state gives the same keys, so the table of
// notifications makes one event of what ten replicas see.
namespace cti::monitor {

// Sources with so many failures in a row. The key holds the last success: the next time that it fails is
// another event.
std::vector<store::Event> failing_sources(const FastStatus& fast, int failures, Time now);
// Of the sources that were reported as failing (by those keys), the ones that are read again.
std::vector<store::Event> recovered_sources(const FastStatus& fast,
                                            const std::vector<std::string>& failing_keys, Time now);
// Nothing was collected for too long, by anybody.
std::vector<store::Event> stale_collection(const FastStatus& fast, std::chrono::seconds patience, Time now);
std::vector<store::Event> high_scores(const std::vector<store::ScoredArticle>& articles, Time now);

inline constexpr const char* k_failing_prefix = "source_failing/";
}
