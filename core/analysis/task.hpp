#pragma once
#include "core/analysis/candidates.hpp"

#include <span>
#include <string_view>

// What a model is asked about an article: one file each in tasks/, and a row of the table. The prompt, the
// JSON schema, the strict reading of an answer and its proof are all made from the row.
namespace cti::analysis {

enum class ValueRule {
    none,                // items have no value: a sentence or a role says it all
    candidate,           // one of the candidates
    candidate_named,     // one of the candidates, and the quotation must hold a term of it
    candidate_or_quoted, // one of the candidates, or a name that stands in the quotation
    quoted,              // any string that stands in the quotation, as the text writes it
};

struct Task {
    std::string_view name, summary;
    int version = 1; // goes up with every change of what is asked or checked
    std::string_view question;
    ValueRule rule = ValueRule::none;
    std::vector<Candidate> Candidates::*candidates = nullptr; // null: none
    std::span<const std::string_view> kinds = {};             // of values that are no candidates
    std::span<const std::string_view> roles = {};             // empty: items have none
    bool has_sentence = false;
    bool has_score = false;  // of a long text: that of the piece with the highest, with its items alone
    bool has_drafts = false; // items become drafts of Sigma rules
    // What is asked once more about the sentences that the pieces of a long text gave, where they gave more
    // than max_items. "": the items of all pieces are kept.
    std::string_view join_question = {};
    int max_items = 40, max_quotations = 1; // of one answer, and of an item
};

std::span<const Task> tasks();
const Task* find_task(std::string_view name);

// A row of the table.
extern const Task k_techniques_task, k_actors_task, k_targets_task, k_indicator_roles_task, k_relevance_task,
    k_summary_task, k_detections_task;
}
