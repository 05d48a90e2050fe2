#include "core/search/article_words.hpp"

#include "core/base/text.hpp"
#include "core/search/separators.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cti::search {
namespace {
// Of PostgreSQL's text search (tsearch/ts_type.h): a longer word is not indexed, a position is at most this,
// and a word has at most so many of them.
constexpr std::size_t k_max_word = 2046;
constexpr std::uint32_t k_max_positions = 255;
constexpr int k_max_position = 16383;
// A tsvector holds 1 MiB of words.
constexpr std::size_t k_max_text_bytes = 500'000;

// Each word once, with its positions: a table of hashes, and one chain of positions a word, so that nothing
// is allocated for each.
class Words {
public:
    Words() : m_slots(k_first_slots, 0) {}

    void add(std::string_view word, int position) {
        auto& entry = find_or_add(word);
        if (entry.count == k_max_positions ||
            (entry.count > 0 && m_positions[entry.last].value == k_max_position))
            return;
        m_positions.push_back({static_cast<std::uint16_t>(position), 0});
        const auto index = static_cast<std::uint32_t>(m_positions.size() - 1);
        if (entry.count++ == 0)
            entry.first = index;
        else
            m_positions[entry.last].next = index;
        entry.last = index;
    }

    // The text form of a tsvector: word:1,2 with the weight after each position.
    std::string finish(std::string_view weight) const {
        std::string out;
        out.reserve(m_entries.size() * 10 + m_positions.size() * (5 + weight.size()));
        for (const auto& entry : m_entries) {
            if (!out.empty()) out += ' ';
            out += entry.word;
            auto index = entry.first;
            for (std::uint32_t i = 0; i < entry.count; ++i, index = m_positions[index].next) {
                out += i == 0 ? ':' : ',';
                char digits[8];
                const auto [end, error] =
                    std::to_chars(digits, digits + sizeof digits, m_positions[index].value);
                out.append(digits, end);
                out += weight;
            }
        }
        return out;
    }

private:
    struct Entry {
        std::string_view word;
        std::size_t hash;
        std::uint32_t count = 0, first = 0, last = 0;
    };
    struct Position {
        std::uint16_t value;
        std::uint32_t next;
    };
    static constexpr std::size_t k_first_slots = 2048; // a power of two

    Entry& find_or_add(std::string_view word) {
        const auto hash = std::hash<std::string_view>{}(word);
        auto slot = hash & (m_slots.size() - 1);
        for (; m_slots[slot] != 0; slot = (slot + 1) & (m_slots.size() - 1)) {
            auto& entry = m_entries[m_slots[slot] - 1];
            if (entry.hash == hash && entry.word == word) return entry;
        }
        m_entries.push_back({word, hash});
        m_slots[slot] = static_cast<std::uint32_t>(m_entries.size());
        if (m_entries.size() * 2 > m_slots.size()) grow();
        return m_entries.back();
    }
    void grow() {
        m_slots.assign(m_slots.size() * 2, 0);
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            auto slot = m_entries[i].hash & (m_slots.size() - 1);
            while (m_slots[slot] != 0) slot = (slot + 1) & (m_slots.size() - 1);
            m_slots[slot] = static_cast<std::uint32_t>(i + 1);
        }
    }

    std::vector<std::uint32_t> m_slots; // 1 + position in m_entries; 0: free
    std::vector<Entry> m_entries;
    std::vector<Position> m_positions;
};

bool is_alnum(char c) { return is_ascii_alpha(c) || is_ascii_digit(c); }

// The end of the word that begins at `pos`: letters and digits, but digits with an exponent (3e8) are a
// number, after which the next word begins.
std::size_t end_of_word(std::string_view text, std::size_t pos) {
    const auto skip = [&](std::size_t from, bool (*holds)(char)) {
        while (from < text.size() && holds(text[from])) ++from;
        return from;
    };
    if (!is_ascii_digit(text[pos])) return skip(pos, is_alnum);
    const auto digits = skip(pos, is_ascii_digit);
    if (digits + 1 < text.size() && (text[digits] == 'e' || text[digits] == 'E') &&
        is_ascii_digit(text[digits + 1]))
        return skip(digits + 1, is_ascii_digit);
    return skip(digits, is_alnum);
}

// In small letters, with blanks in place of the marks; nothing where another letter beyond ASCII is met.
std::optional<std::string> fold(std::string_view text) {
    std::string out(text.size(),
                    ' '); // At most as long; written in place, as a third of the time is spent here.
    std::size_t size = 0;
    for (std::size_t pos = 0; pos < text.size();) {
        const char c = text[pos];
        if (c == '\0') return std::nullopt;
        if (static_cast<unsigned char>(c) < 0x80) {
            out[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            ++pos;
        } else if (!is_separator(next_code_point(text, pos))) {
            return std::nullopt;
        } else {
            ++size;
        }
    }
    out.resize(size);
    return out;
}

std::optional<std::string> words_of(std::string_view text, std::string_view weight) {
    if (text.size() > k_max_text_bytes) return std::nullopt;
    const auto folded = fold(text);
    if (!folded) return std::nullopt;
    const std::string_view all = *folded;
    Words words;
    int position = 0;
    for (std::size_t pos = 0; pos < all.size();) {
        if (!is_alnum(all[pos])) {
            ++pos;
            continue;
        }
        const auto end = end_of_word(all, pos);
        if (end - pos <= k_max_word)
            words.add(all.substr(pos, end - pos), std::min(++position, k_max_position));
        pos = end;
    }
    return words.finish(weight);
}
}

std::optional<ArticleWords> find_article_words(std::string_view title, std::string_view content) {
    auto of_title = words_of(title, "A");
    if (!of_title) return std::nullopt;
    auto of_content = words_of(content, "");
    if (!of_content) return std::nullopt;
    return ArticleWords{std::move(*of_title), std::move(*of_content)};
}
}
