#include "core/analysis/task.hpp"

namespace cti::analysis {

const Task k_targets_task{
    .name = "targets",
    .summary = "Sectors, countries and platforms that were attacked",
    .question =
        "Which of the sectors, countries and platforms among the candidates does the report say were "
        "attacked or targeted? Not where attackers come from, and not who wrote the report. Quote the "
        "sentence that says it; it must name the target.",
    .rule = ValueRule::candidate_named,
    .candidates = &Candidates::targets,
};
}
