#pragma once
#include "core/analysis/reject_reason.hpp"
#include "core/analysis/task.hpp"

#include <optional>

// What a model said, read strictly: it must be the JSON that the task's schema describes. Nothing of it is
// believed yet.
namespace cti::analysis {

constexpr std::size_t k_max_answer_bytes = 256UL * 1024;

struct ClaimedItem {
    std::string value, kind, role, sentence;
    std::vector<std::string> quotations;
};

struct Answer {
    std::optional<RejectReason> fault; // of all of it
    std::vector<ClaimedItem> items;
    std::vector<Rejected> rejected; // items that are not of the schema, or beyond the most
    std::optional<int> score;
};

Rejected reject_item(const ClaimedItem& item, RejectReason reason);
Answer parse_answer(const Task& task, std::string_view json);
}
