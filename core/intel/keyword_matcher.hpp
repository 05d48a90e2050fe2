#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cti::intel {

// What must stand beside a keyword, outside of it. The ends of the text are no character.
enum class Edge : unsigned char {
    any,
    word_boundary, // \b of the web service's patterns: a word character on one side, none on the other
    no_letter,     // no ASCII letter
    no_alnum,      // no ASCII letter or digit
    word,          // an ASCII word character
};

struct Keyword {
    std::string text; // lower case, not empty
    Edge left = Edge::word_boundary, right = Edge::word_boundary;
};

// Which of many keywords stand in a text: one pass for all (Aho and Corasick, 1975), so its time does not
// depend on their number.
class KeywordMatcher {
public:
    explicit KeywordMatcher(std::vector<Keyword> keywords);

    // One flag a keyword, in their order. `text` is in lower case.
    std::vector<bool> find(std::string_view text) const;

private:
    using State = std::uint32_t;
    State add_state();
    State& next(State state, unsigned char byte_class) { return m_next[state * m_classes + byte_class]; }
    void insert(std::size_t index);
    void link();
    bool stands_alone(const Keyword& keyword, std::string_view text, std::size_t end) const;

    std::vector<Keyword> m_keywords;
    std::array<unsigned char, 256> m_class_of{}; // 0: in no keyword
    std::size_t m_classes = 1;
    std::vector<State> m_next;                        // the transitions of all states, m_classes each
    std::vector<std::vector<std::uint32_t>> m_ending; // keywords that end in a state
    std::vector<State> m_shorter; // the longest proper suffix of a state that ends a keyword, or 0
};
}
