#pragma once
#include "core/analysis/proof.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What was found in the pieces of a long text is put before the model once more, as a text of its own: the
// sentences that findings rest on, one below the other, each of which knows where it stands.
namespace cti::analysis {

// By piece: what it has shown.
using ItemsByPiece = std::vector<std::vector<Item>>;

class Passages {
public:
    // Of the first item of each piece, then of the second of each, as long as there is room; in the order of
    // the text, each once.
    Passages(std::string_view text, const ItemsByPiece& pieces, std::size_t max_bytes);

    const std::string& text() const { return m_text; }
    // Where that stands in the article's text. nullopt: not in one passage, so nowhere.
    std::optional<Span> find_origin(const Span& span) const;

private:
    struct Passage {
        std::size_t start = 0; // in m_text
        Span origin;
    };
    std::string m_text;
    std::vector<Passage> m_passages;
};

// Quotations of the passages become those of the article's text; items with one that runs over two passages
// are rejected.
Proved relocate(const Passages& passages, Proved proved);

// The first item of each piece, then the second of each, at most so many.
std::vector<Item> first_items(const ItemsByPiece& pieces, std::size_t most);
}
