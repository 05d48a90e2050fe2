#include "core/analysis/task.hpp"

namespace cti::analysis {
namespace {
constexpr std::string_view k_indicator_role_names[] = {"malicious", "victim", "legitimate_service",
                                                       "research_tool", "unclear"};
}

const Task k_indicator_roles_task{
    .name = "indicator_roles",
    .summary = "For each indicator whether it is the attacker's, the victim's or neither's",
    .question =
        "What is each of the indicators among the candidates in this report? 'malicious': the attackers "
        "run or made it; 'victim': it was attacked; 'legitimate_service': everybody uses it, attackers too; "
        "'research_tool': of those who investigate; 'unclear': the report does not say. Quote the line or the "
        "sentence that shows it.",
    .rule = ValueRule::candidate,
    .candidates = &Candidates::indicators,
    .roles = k_indicator_role_names,
    .max_items = 150,
};
}
