#pragma once
#include "core/analysis/evidence.hpp"

// A long report is read in pieces.
namespace cti::analysis {

// About 3,000 tokens of English: with the candidates and the answer it fits a context of 8,192.
constexpr std::size_t k_max_piece_bytes = 12'000;
// What stands at the border is in both pieces, so that a quotation is whole in one of them.
constexpr std::size_t k_max_overlap_bytes = 1'200;
constexpr std::size_t k_max_pieces = 40; // what is behind them is not read

// Ends at the end of a paragraph where there is one in the second half, else of a line, a sentence, a word,
// and in any case between characters. Together they hold all of the text, unless there are more than the
// most.
std::vector<Span> split_pieces(std::string_view text, std::size_t max_bytes = k_max_piece_bytes,
                               std::size_t overlap = k_max_overlap_bytes);
}
