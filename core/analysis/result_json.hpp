#pragma once
#include "core/analysis/proof.hpp"

// What is stored of an analysis.
namespace cti::analysis {

// {"read_bytes": …, "score": …, "items": [{"value", "kind", "role", "sentence", "named", "evidence":
// [{"start", "end", "quotation"}]}], "sigma": [drafts]}: the quotations as they stand in the text, not as the
// model wrote them. Without drafts there is no "sigma".
std::string result_json(const Task& task, std::string_view text, const Proved& proved, std::size_t read_bytes,
                        const std::vector<std::string>& drafts = {});
// {"score": …, "items": [{"value", "kind", "role", "sentence", "quotation"}]}: the same in short, at most so
// many items, with the first quotation of each.
constexpr std::size_t k_max_note_items = 50;
std::string note_json(const Task& task, std::string_view text, const Proved& proved);
std::string rejected_json(const std::vector<Rejected>& rejected);
}
