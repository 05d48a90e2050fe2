#pragma once
#include "core/base/text.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
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

    // Calls found(keyword, end) for each keyword that begins at `start`, the shortest first. The keywords'
    // edges are not looked at. ASCII letters of the text may be capitals.
    template <class Found>
    void for_each_at(std::string_view text, std::size_t start, const Found& found) const {
        if (!may_begin(text, start)) return;
        State row = 0;
        for (auto i = start; i < text.size(); ++i) {
            row = m_next[(row & k_row) + m_class_of[static_cast<unsigned char>(text[i])]];
            if ((row & k_goes_on) == 0) return;
            if ((row & k_ends) == 0) continue;
            for (const auto index : m_ending[(row & k_row) / static_cast<State>(m_classes)])
                found(std::size_t{index}, i + 1);
        }
    }

private:
    using State = std::uint32_t;
    State add_state();
    State& next(State state, unsigned char byte_class) { return m_next[state * m_classes + byte_class]; }
    void insert(std::size_t index);
    std::vector<State> link();
    void make_rows(const std::vector<State>& depths);
    // By its first four bytes, at a glance. Capitals count as their small letters.
    static constexpr std::size_t k_beginning = 4;
    static std::uint32_t beginning_of(const char* bytes) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes, k_beginning);
        return (word & 0x1F1F1F1FU) * 0x9E3779B1U >> 17U; // by the golden ratio: Knuth, volume 3, 6.4
    }
    bool may_begin(std::string_view text, std::size_t start) const {
        return text.size() - start < k_beginning || m_beginnings[beginning_of(text.data() + start)];
    }
    void note_beginning(const std::string& text);
    bool stands_alone(const Keyword& keyword, std::string_view text, std::size_t end) const;

    std::vector<Keyword> m_keywords;
    std::array<unsigned char, 256> m_class_of{}; // 0: in no keyword; capitals are as their small letters
    std::size_t m_classes = 1;
    std::bitset<1U << 15U> m_beginnings;
    // The transitions of all states, m_classes each: where the row of the next state begins, whether a
    // keyword ends in it, and whether it goes on with the same beginning of a keyword.
    std::vector<State> m_next;
    static constexpr State k_ends = 1U << 31, k_goes_on = 1U << 30, k_row = k_goes_on - 1;
    std::vector<std::vector<std::uint32_t>> m_ending; // keywords that end in a state
    std::vector<State> m_shorter; // the longest proper suffix of a state that ends a keyword, or 0
};
}
