#pragma once
#include "core/analysis/proof.hpp"

// What is stored of an analysis.
namespace cti::analysis {

// {"read_bytes": …, "score": …, "items": [{"value", "kind", "role", "sentence", "named", "evidence":
// [{"start", "end", "quotation"}]}]}: the quotations as they stand in the text, not as the model wrote them.
std::string result_json(const Task& task, std::string_view text, const Proved& proved,
                        std::size_t read_bytes);
std::string rejected_json(const std::vector<Rejected>& rejected);
}
