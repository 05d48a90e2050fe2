#pragma once
#include "core/base/text.hpp"

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

    // Calls found(keyword, end) for each occurrence, by their ends. The keywords' edges are not looked at.
    // ASCII letters of the text may be capitals.
    template <class Found>
    void for_each(std::string_view text, const Found& found) const {
        State row = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            row = m_next[(row & ~k_ends) + m_class_of[static_cast<unsigned char>(text[i])]];
            if ((row & k_ends) == 0) continue;
            const auto state = (row & ~k_ends) / static_cast<State>(m_classes);
            for (State here = m_ending[state].empty() ? m_shorter[state] : state; here != 0;
                 here = m_shorter[here])
                for (const auto index : m_ending[here]) found(std::size_t{index}, i + 1);
        }
    }

private:
    using State = std::uint32_t;
    State add_state();
    State& next(State state, unsigned char byte_class) { return m_next[state * m_classes + byte_class]; }
    void insert(std::size_t index);
    void link();
    void make_rows();
    bool stands_alone(const Keyword& keyword, std::string_view text, std::size_t end) const;

    std::vector<Keyword> m_keywords;
    std::array<unsigned char, 256> m_class_of{}; // 0: in no keyword; capitals are as their small letters
    std::size_t m_classes = 1;
    // The transitions of all states, m_classes each: where the row of the next state begins, and the highest
    // bit where a keyword ends in it.
    std::vector<State> m_next;
    static constexpr State k_ends = 1U << 31;
    std::vector<std::vector<std::uint32_t>> m_ending; // keywords that end in a state
    std::vector<State> m_shorter; // the longest proper suffix of a state that ends a keyword, or 0
};
}
