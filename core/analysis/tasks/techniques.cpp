#include "core/analysis/task.hpp"

namespace cti::analysis {

const Task k_techniques_task{
    .name = "techniques",
    .summary = "ATT&CK techniques that the text shows, each with a quotation",
    .question =
        "Which of the ATT&CK techniques among the candidates does the report say that attackers used? "
        "Choose only where a sentence shows the technique itself, and quote that sentence. Leave out "
        "what is only advised against, defended against or named in a list of other reports.",
    .rule = ValueRule::candidate,
    .candidates = &Candidates::techniques,
};
}
