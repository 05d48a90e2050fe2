#pragma once
#include "core/analysis/proof.hpp"

#include <string>
#include <string_view>
#include <vector>

// Drafts of Sigma rules (the SigmaHQ specification of rules, 2.0), made of what the task `detections` has
// proved.
namespace cti::analysis {

// The roles of that task: where a value shows.
inline constexpr std::string_view k_log_sources[] = {
    "process_creation", "file_event", "registry", "network_connection", "dns", "web_proxy",
    "powershell",       "image_load", "pipe",     "service_creation"};

struct DraftOrigin {
    std::string title, url; // of the article
};

// A rule for each log source, in the order of k_log_sources, as YAML. Its status is `experimental` and its
// title begins with "Draft": nobody has tried it. The same items give the same bytes, its id too (a UUID of
// version 5).
std::vector<std::string> sigma_drafts(const DraftOrigin& origin, const std::vector<Item>& items);
}
