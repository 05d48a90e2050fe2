#pragma once
#include "core/analysis/answer.hpp"
#include "core/analysis/evidence.hpp"

// The proof of what a model said: what the text does not hold is thrown away, and counted.
namespace cti::analysis {

// What is kept. Values are the candidates' own words, or stand in the text; quotations are places in it.
struct Item {
    std::string value, kind, role, sentence; // "": the task has none
    std::vector<Span> evidence;              // in the article's text
    bool is_named = false;                   // a quotation holds the value, or what stands for it in the text
};

struct Proved {
    std::vector<Item> items;
    std::vector<Rejected> rejected;
    std::optional<int> score; // only with an item that shows why
};

// One piece of an article's text, and what the model could choose from.
struct Piece {
    std::string_view text;  // of the piece alone
    std::size_t offset = 0; // where it begins in the article's text
    std::vector<Candidate> candidates;
};

Proved prove(const Task& task, const Piece& piece, const Answer& answer);

// Adds what another answer or piece has shown. The same value with the same role is one item; quotations that
// overlap are one.
void join_proved(Proved& all, Proved more);
}
