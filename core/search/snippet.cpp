#include "core/search/snippet.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::search {
namespace {
constexpr std::size_t k_far = 1 << 20, k_max_hits = 1000;

bool is_word_byte(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

// Where the words end when the phrase stands at `pos`, one separated from the next by at most four bytes that
// belong to no word; npos where it does not.
std::size_t phrase_end(std::string_view text, std::size_t pos, const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) {
            const auto gap = pos;
            while (pos < text.size() && !is_word_byte(text[pos]) && pos - gap < 4) ++pos;
        }
        if (!iequals(text.substr(pos, words[i].size()), words[i])) return text.npos;
        pos += words[i].size();
    }
    return pos;
}

struct Hit {
    std::size_t start, end, phrase;
};

std::vector<Hit> find_hits(std::string_view text, const std::vector<std::vector<std::string>>& wanted) {
    std::vector<Hit> hits;
    for (std::size_t pos = 0; pos < text.size() && hits.size() < k_max_hits; ++pos) {
        if (!is_word_byte(text[pos]) || (pos > 0 && is_word_byte(text[pos - 1]))) continue;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto end = wanted[i].empty() ? text.npos : phrase_end(text, pos, wanted[i]);
            if (end != text.npos) hits.push_back({pos, end, i});
        }
    }
    return hits;
}

// The first hit of the window of `size` bytes with the most different phrases.
std::size_t best_start(const std::vector<Hit>& hits, std::size_t size, std::size_t phrases) {
    std::size_t best = 0, most = 0;
    std::vector<int> inside(phrases);
    std::size_t different = 0, end = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        for (; end < hits.size() && hits[end].end <= hits[i].start + size; ++end)
            different += inside[hits[end].phrase]++ == 0 ? 1 : 0;
        if (different > most) most = different, best = i;
        if (end > i)
            different -= --inside[hits[i].phrase] == 0 ? 1 : 0;
        else
            end = i + 1;
    }
    return best;
}

// A cut may fall neither into a character nor, where a blank is near, into a word.
std::size_t move_to_blank(std::string_view text, std::size_t pos, bool forwards) {
    constexpr std::size_t near = 20;
    const auto start = pos;
    while (pos > 0 && pos < text.size() && text[pos - 1] != ' ' && text[pos] != ' ' &&
           (forwards ? pos - start : start - pos) < near)
        forwards ? ++pos : --pos;
    while (pos < text.size() && (static_cast<unsigned char>(text[pos]) & 0xC0U) == 0x80U) ++pos;
    return pos;
}
}

Snippet make_snippet(std::string_view content, const std::vector<std::vector<std::string>>& wanted,
                     std::size_t size) {
    const auto text = fold_space(printable(content.substr(0, k_far)));
    const auto hits = find_hits(text, wanted);
    std::size_t from = 0;
    if (!hits.empty()) {
        const auto first = hits[best_start(hits, size, wanted.size())].start;
        from = first > size / 4 ? move_to_blank(text, first - size / 4, true) : 0;
    }
    const auto to = text.size() - from > size ? move_to_blank(text, from + size, false) : text.size();
    Snippet snippet;
    if (from > 0) snippet.text = "…";
    const auto shift = snippet.text.size();
    snippet.text += trim(std::string_view(text).substr(from, to - from));
    const auto blanks = from + (text.size() > from && text[from] == ' ' ? 1 : 0);
    for (const auto& hit : hits)
        if (hit.start >= blanks && hit.end <= to &&
            (snippet.marks.empty() || hit.start - blanks + shift >= snippet.marks.back().end))
            snippet.marks.push_back({hit.start - blanks + shift, hit.end - blanks + shift});
    if (to < text.size()) snippet.text += "…";
    return snippet;
}
}
