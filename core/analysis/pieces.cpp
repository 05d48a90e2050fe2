#include "core/analysis/pieces.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::analysis {
namespace {

std::size_t between_characters(std::string_view text, std::size_t pos) {
    while (pos > 0 && pos < text.size() && (static_cast<unsigned char>(text[pos]) & 0xC0U) == 0x80) --pos;
    return pos;
}

// The best border in (from, to], behind the mark.
std::size_t find_border(std::string_view text, std::size_t from, std::size_t to) {
    for (const std::string_view mark : {"\n\n", "\n", ". ", " "}) {
        const auto at = text.substr(0, to).rfind(mark);
        if (at != text.npos && at + mark.size() > from) return at + mark.size();
    }
    return between_characters(text, to);
}

// Where the overlap begins: with a paragraph, a line, a sentence or a word, the first that lies in it.
std::size_t find_overlap(std::string_view text, std::size_t from, std::size_t end) {
    for (const std::string_view mark : {"\n\n", "\n", ". ", " "}) {
        const auto at = text.find(mark, from);
        if (at != text.npos && at + mark.size() < end) return at + mark.size();
    }
    return between_characters(text, from);
}
}

std::vector<Span> split_pieces(std::string_view text, std::size_t max_bytes, std::size_t overlap) {
    std::vector<Span> pieces;
    for (std::size_t start = 0; start < text.size() && pieces.size() < k_max_pieces;) {
        if (text.size() - start <= max_bytes) {
            pieces.push_back({start, text.size()});
            break;
        }
        const auto end = find_border(text, start + max_bytes / 2, start + max_bytes);
        pieces.push_back({start, end});
        start = std::max(find_overlap(text, end - std::min(overlap, (end - start) / 2), end), start + 1);
    }
    return pieces;
}
}
