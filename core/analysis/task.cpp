#include "core/analysis/task.hpp"

#include <algorithm>
#include <array>

namespace cti::analysis {

std::span<const Task> tasks() {
    static const std::array all{k_techniques_task, k_actors_task,  k_targets_task,   k_indicator_roles_task,
                                k_relevance_task,  k_summary_task, k_detections_task};
    return all;
}

const Task* find_task(std::string_view name) {
    const auto it = std::ranges::find(tasks(), name, &Task::name);
    return it == tasks().end() ? nullptr : &*it;
}
}
