#include "core/analysis/sigma_draft.hpp"
#include "core/analysis/task.hpp"

namespace cti::analysis {

const Task k_detections_task{
    .name = "detections",
    .summary = "What to look for, by log source, with drafts of Sigma rules",
    .question =
        "What would somebody look for in logs to find what the report describes? value: what to look for, "
        "copied from the report character by character (a command line or a telling part of it, a path, a file "
        "name, a registry key, a pipe, a host, a user agent). role: the log source in which it shows. "
        "Nothing that is usual on every machine. Quote the sentence or line that holds the value.",
    .rule = ValueRule::quoted,
    .roles = k_log_sources,
    .has_drafts = true,
};
}
