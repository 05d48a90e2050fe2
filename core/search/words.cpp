#include "core/search/words.hpp"

#include "core/base/text.hpp"
#include "core/base/unicode_lower.hpp"
#include "core/search/separators.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace cti::search {
namespace {
// Of ASCII: the small letter or digit, and a blank for what separates words.
constexpr auto k_folded = [] {
    std::array<char, 128> folded{};
    for (int c = 0; c < 128; ++c) {
        const auto small = ascii_lower(static_cast<char>(c));
        folded[static_cast<std::size_t>(c)] = is_ascii_lower(small) || is_ascii_digit(small) ? small : ' ';
    }
    return folded;
}();

// A place for each word, by its hash, so that nothing is allocated for one.
class TermSet {
public:
    explicit TermSet(std::size_t bytes) : m_slots(k_first_slots) { m_terms.reserve(bytes); }

    void add(std::string_view term) {
        const auto hash = std::hash<std::string_view>{}(term);
        auto at = hash & (m_slots.size() - 1);
        for (; m_slots[at].size != 0; at = (at + 1) & (m_slots.size() - 1))
            if (m_slots[at].hash == hash && of(m_slots[at]) == term) return;
        m_slots[at] = {hash, static_cast<std::uint32_t>(m_terms.size()),
                       static_cast<std::uint32_t>(term.size())};
        m_terms.append(term) += ' ';
        if (++m_count * 2 > m_slots.size()) grow();
    }
    std::string finish() { return std::move(m_terms); }

private:
    struct Slot {
        std::size_t hash = 0;
        std::uint32_t start = 0, size = 0; // of m_terms; 0: free
    };
    static constexpr std::size_t k_first_slots = 2048; // a power of two

    std::string_view of(const Slot& slot) const {
        return std::string_view(m_terms).substr(slot.start, slot.size);
    }
    void grow() {
        std::vector<Slot> larger(m_slots.size() * 2);
        for (const auto& slot : m_slots) {
            if (slot.size == 0) continue;
            auto at = slot.hash & (larger.size() - 1);
            while (larger[at].size != 0) at = (at + 1) & (larger.size() - 1);
            larger[at] = slot;
        }
        m_slots = std::move(larger);
    }

    std::vector<Slot> m_slots;
    std::size_t m_count = 0;
    std::string m_terms;
};

template <class Visit>
void for_each_word(std::string_view folded, Visit visit) {
    for (std::size_t pos = 1; pos < folded.size();) {
        const auto end = folded.find(' ', pos);
        if (end - pos <= k_max_term_bytes) visit(folded.substr(pos, end - pos));
        pos = end + 1;
    }
}
}

char32_t fold_case(char32_t c) { return c == k_final_sigma ? k_inner_sigma : to_lower(c); }

// Written in place, without a branch for each byte of ASCII: most of the time of indexing was spent here.
std::string fold_words(std::string_view text) {
    std::string out(text.size() + text.size() / 2 + 2, ' '); // A lower case is half as long again at most.
    auto* end = out.data() + 1;                              // behind the blank before the first word
    std::string lower;
    for (std::size_t pos = 0; pos < text.size();) {
        if (const auto byte = static_cast<unsigned char>(text[pos]); byte < k_folded.size()) {
            *end = k_folded[byte];
            end += static_cast<int>(*end != ' ') | static_cast<int>(end[-1] != ' ');
            ++pos;
        } else if (const auto c = next_code_point(text, pos); !is_separator(c)) {
            lower.clear();
            append_utf8(lower, fold_case(c));
            end = std::ranges::copy(lower, end).out;
        } else if (end[-1] != ' ') {
            *end++ = ' ';
        }
    }
    if (end[-1] != ' ') *end++ = ' ';
    out.resize(static_cast<std::size_t>(end - out.data()));
    return out;
}

std::string find_terms(std::string_view title, std::string_view content) {
    const auto folded_title = fold_words(title), folded_content = fold_words(content);
    TermSet terms(folded_content.size() / 2);
    std::string marked;
    for_each_word(folded_title, [&](std::string_view word) {
        terms.add(word);
        marked.assign(1, k_title_mark).append(word);
        terms.add(marked);
    });
    for_each_word(folded_content, [&](std::string_view word) { terms.add(word); });
    return terms.finish();
}
}
