#pragma once
#include "core/analysis/answer.hpp"
#include "core/analysis/proof.hpp"

#include <string>
#include <vector>

// What is said to a model. The article's text is fenced as data: it stands between two lines that nothing in
// it can hold, and nothing of it stands anywhere else but as a JSON string.
namespace cti::analysis {

struct Message {
    std::string role, content; // "system", "user", "assistant"
};

struct Prompt {
    std::vector<Message> messages;
    std::string schema; // JSON
};

Prompt make_prompt(const Task& task, const Piece& piece);
// The task's join_question about a piece that is made of passages.
Prompt make_join_prompt(const Task& task, const Piece& piece);
// The same once more, with what the model said and what was wrong with it.
Prompt make_retry(Prompt first, std::string_view answer, const std::vector<Rejected>& faults);

// JSON that an answer must have the form of: closed objects, all members required, enums of the candidates.
std::string make_schema(const Task& task, const std::vector<Candidate>& candidates);

// Tokens that the bytes are at most, more or less: three bytes each.
long estimate_tokens(const Prompt& prompt);
// And what they cannot exceed: no tokenizer makes more than one of a byte, and few of a message's frame.
long max_tokens(const Prompt& prompt);
}
