#include "core/analysis/task.hpp"

namespace cti::analysis {
namespace {
constexpr std::string_view k_relevance_reasons[] = {
    "procedures_in_detail", "detection_content",    "indicators", "exploited_vulnerability",
    "new_malware",          "campaign_or_incident", "news_only",  "marketing"};
}

const Task k_relevance_task{
    .name = "relevance",
    .summary = "How much a threat hunter gets from it, 0 to 100, with reasons",
    .version = 2,
    .question =
        "How useful is this report to somebody who hunts for threats or writes detections? score: 0 (no use) "
        "to 100 (commands, artefacts and procedures to look for). Give one to five reasons as roles, each with "
        "a quotation that shows it.",
    .roles = k_relevance_reasons,
    .has_score = true,
    .max_items = 5,
};
}
