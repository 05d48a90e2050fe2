#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Whether a quotation stands in a text. White space and quotes are folded on both sides, as models and web
// pages change them; nothing else is: a quotation with one word changed is none.
namespace cti::analysis {

// [start, end) in bytes of the text as it is stored, in UTF-8.
struct Span {
    std::size_t start = 0, end = 0;
    bool operator==(const Span&) const = default;
};

// Runs of white space (Unicode's too, line breaks among them) become one blank, none at the ends; every kind
// of quote becomes '"', with no blanks beside it; characters without width are dropped.
std::string fold_quotation(std::string_view text);

// Whether `words` stands in `text`, both folded, at borders of words.
bool has_words(std::string_view text, std::string_view words);

class FoldedText {
public:
    explicit FoldedText(std::string_view text); // which outlives it

    // Where it stands for the first time, from the beginning of a word to the end of one; quotes around it
    // that are not in the text are left out.
    std::optional<Span> find(std::string_view quotation) const;

private:
    std::optional<Span> find_folded(std::string_view folded) const;

    std::string_view m_text;
    std::string m_folded;
    std::vector<std::uint32_t> m_places; // of each byte of m_folded: where its character begins in the text
};
}
