#include "core/intel/keyword_matcher.hpp"

#include "core/intel/python_text.hpp"

#include <cassert>

namespace cti::intel {
namespace {
constexpr char32_t k_nothing = 0; // beyond the ends of the text

bool is_word(char32_t c) {
    if (c >= 0x80) return is_word_character(c);
    const char byte = static_cast<char>(c);
    return is_ascii_alpha(byte) || is_ascii_digit(byte) || byte == '_';
}
bool is_letter(char32_t c) { return c < 0x80 && is_ascii_alpha(static_cast<char>(c)); }
bool is_digit(char32_t c) { return c < 0x80 && is_ascii_digit(static_cast<char>(c)); }

bool fits(Edge edge, char32_t outside, char32_t inside) {
    switch (edge) {
    case Edge::any: return true;
    case Edge::word_boundary: return is_word(outside) != is_word(inside);
    case Edge::no_letter: return !is_letter(outside);
    case Edge::no_alnum: return !is_letter(outside) && !is_digit(outside);
    case Edge::word: return outside < 0x80 && is_word(outside);
    }
    return false;
}

char32_t code_point_before(std::string_view text, std::size_t pos) {
    return pos == 0 ? k_nothing : previous_code_point(text, pos);
}
char32_t code_point_at(std::string_view text, std::size_t pos) {
    return pos >= text.size() ? k_nothing : next_code_point(text, pos);
}
}

KeywordMatcher::KeywordMatcher(std::vector<Keyword> keywords) : m_keywords(std::move(keywords)) {
    for (const auto& keyword : m_keywords) {
        for (const char c : keyword.text) {
            auto& byte_class = m_class_of[static_cast<unsigned char>(c)];
            if (byte_class == 0) byte_class = static_cast<unsigned char>(m_classes++);
        }
    }
    // 256 classes would not fit, but no UTF-8 text holds the bytes F8 to FF.
    assert(m_classes <= 256);
    add_state();
    for (std::size_t i = 0; i < m_keywords.size(); ++i) insert(i);
    make_rows(link());
}

KeywordMatcher::State KeywordMatcher::add_state() {
    m_next.resize(m_next.size() + m_classes);
    m_ending.emplace_back();
    return static_cast<State>(m_ending.size() - 1);
}

void KeywordMatcher::note_beginning(const std::string& text) {
    if (text.size() >= k_beginning) {
        m_beginnings[beginning_of(text.data())] = true;
    } else if (text.size() + 1 < k_beginning) {
        m_beginnings.set();
    } else {
        for (char any = 0; any < 32; ++any) m_beginnings[beginning_of((text + any).data())] = true;
    }
}

void KeywordMatcher::insert(std::size_t index) {
    assert(!m_keywords[index].text.empty());
    note_beginning(m_keywords[index].text);
    State state = 0;
    for (const char c : m_keywords[index].text) {
        const auto byte_class = m_class_of[static_cast<unsigned char>(c)];
        if (next(state, byte_class) == 0) {
            const State added = add_state();
            next(state, byte_class) = added;
        }
        state = next(state, byte_class);
    }
    m_ending[state].push_back(static_cast<std::uint32_t>(index));
}

// Breadth first, so that the shorter suffix of a state is complete before the state: missing transitions
// become those of that suffix, and the trie a deterministic automaton. Returns how long the beginning of a
// keyword is that each state stands for.
std::vector<KeywordMatcher::State> KeywordMatcher::link() {
    std::vector<State> suffix(m_ending.size()), depths(m_ending.size()), queue;
    m_shorter.assign(m_ending.size(), 0);
    for (std::size_t c = 0; c < m_classes; ++c) {
        if (m_next[c] == 0) continue;
        depths[m_next[c]] = 1;
        queue.push_back(m_next[c]);
    }
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const State state = queue[i], shorter = suffix[state];
        m_shorter[state] = m_ending[shorter].empty() ? m_shorter[shorter] : shorter;
        for (std::size_t c = 0; c < m_classes; ++c) {
            auto& target = m_next[state * m_classes + c];
            const State fallback = m_next[shorter * m_classes + c];
            if (target == 0) {
                target = fallback;
            } else {
                suffix[target] = fallback;
                depths[target] = depths[state] + 1;
                queue.push_back(target);
            }
        }
    }
    return depths;
}

// From numbers of states to places of rows.
void KeywordMatcher::make_rows(const std::vector<State>& depths) {
    for (char c = 'A'; c <= 'Z'; ++c)
        m_class_of[static_cast<unsigned char>(c)] = m_class_of[static_cast<unsigned char>(ascii_lower(c))];
    assert(m_next.size() <= k_row);
    for (std::size_t i = 0; i < m_next.size(); ++i) {
        const State target = m_next[i];
        const bool ends = !m_ending[target].empty() || m_shorter[target] != 0;
        m_next[i] = target * static_cast<State>(m_classes) | (ends ? k_ends : 0) |
                    (depths[target] > depths[i / m_classes] ? k_goes_on : 0);
    }
}

bool KeywordMatcher::stands_alone(const Keyword& keyword, std::string_view text, std::size_t end) const {
    const auto start = end - keyword.text.size();
    return fits(keyword.left, code_point_before(text, start), code_point_at(text, start)) &&
           fits(keyword.right, code_point_at(text, end), code_point_before(text, end));
}

std::vector<bool> KeywordMatcher::find(std::string_view text) const {
    std::vector<bool> found(m_keywords.size());
    State row = 0;
    const State* const rows = m_next.data();
    for (std::size_t i = 0; i < text.size(); ++i) {
        row = rows[(row & k_row) + m_class_of[static_cast<unsigned char>(text[i])]];
        if ((row & k_ends) == 0) continue;
        const auto state = (row & k_row) / static_cast<State>(m_classes);
        for (State here = m_ending[state].empty() ? m_shorter[state] : state; here != 0;
             here = m_shorter[here])
            for (const auto index : m_ending[here])
                if (!found[index]) found[index] = stands_alone(m_keywords[index], text, i + 1);
    }
    return found;
}
}
