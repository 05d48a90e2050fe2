#include "core/intel/fingerprint.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/intel/python_text.hpp"
#include "core/intel/web_text.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace cti::intel {
namespace {
constexpr std::string_view k_stop_words[] = {
    "a",    "an",  "and",   "are",  "at",    "be", "been", "but",  "by",    "can",  "could", "did", "do",
    "does", "for", "had",   "has",  "have",  "in", "is",   "may",  "might", "of",   "on",    "or",  "should",
    "that", "the", "these", "this", "those", "to", "was",  "were", "will",  "with", "would",
};
static_assert(std::ranges::is_sorted(k_stop_words));
constexpr std::size_t k_min_word_code_points = 3; // code points

// MD5 costs 0.3 us, ten times as much as everything else that is done for a word, and a vocabulary is small:
// a table in which a new word takes the place of an old one, 256 KiB a thread.
class WordHashes {
public:
    // A stop word does not count.
    struct Feature {
        std::uint64_t hash;
        bool counts;
    };

    WordHashes() : m_slots(k_slots) {}

    Feature find(std::string_view word) {
        if (word.size() > k_max_word_bytes) return compute(word);
        auto& slot = m_slots[key_of(word) % k_slots];
        if (slot.size != word.size() || std::memcmp(slot.word, word.data(), word.size()) != 0) {
            std::memcpy(slot.word, word.data(), word.size());
            slot.size = static_cast<unsigned char>(word.size());
            slot.feature = compute(word);
        }
        return slot.feature;
    }

private:
    static constexpr std::size_t k_slots = 4096, k_max_word_bytes = 31;
    struct Slot {
        Feature feature{};
        char word[k_max_word_bytes]{};
        unsigned char size = 0;
    };

    static Feature compute(std::string_view word) {
        if (std::ranges::binary_search(k_stop_words, word)) return {0, false};
        return {md5_low64(word), true};
    }

    static std::size_t key_of(std::string_view word) {
        std::uint64_t key = word.size();
        for (std::size_t i = 0; i < word.size(); i += 8) {
            std::uint64_t part = 0;
            std::memcpy(&part, word.data() + i, std::min<std::size_t>(8, word.size() - i));
            key = (key ^ part) * 0x9E3779B97F4A7C15U;
            key ^= key >> 32;
        }
        return static_cast<std::size_t>(key);
    }

    std::vector<Slot> m_slots;
};

// Spreads the bits of a byte over the bytes of a word: eight counters are one addition.
constexpr auto k_spread = [] {
    std::array<std::uint64_t, 256> table{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
        for (unsigned bit = 0; bit < 8; ++bit)
            table[byte] |= static_cast<std::uint64_t>(byte >> bit & 1) << (8 * bit);
    }
    return table;
}();

// How often each of the 64 bits was set.
class BitCounter {
public:
    void add(std::uint64_t hash) {
        for (unsigned byte = 0; byte < 8; ++byte) m_lanes[byte] += k_spread[hash >> (8 * byte) & 0xFF];
        if (++m_pending == 255) flush(); // Before a lane of eight bits overflows.
    }

    // A bit is set where more than half of the features have it.
    std::uint64_t majority() {
        flush();
        std::uint64_t out = 0;
        for (unsigned bit = 0; bit < 64; ++bit) {
            if (2 * m_counts[bit] > m_total) out |= std::uint64_t{1} << bit;
        }
        return out;
    }

private:
    void flush() {
        for (unsigned bit = 0; bit < 64; ++bit) m_counts[bit] += m_lanes[bit / 8] >> (8 * (bit % 8)) & 0xFF;
        m_lanes = {};
        m_total += m_pending;
        m_pending = 0;
    }

    std::array<std::uint64_t, 8> m_lanes{};
    std::array<std::uint64_t, 64> m_counts{};
    std::uint64_t m_total = 0;
    unsigned m_pending = 0;
};

// The lower case of an ASCII word character, or 0.
constexpr auto k_word_bytes = [] {
    std::array<char, 128> table{};
    for (std::size_t i = 0; i < 128; ++i) {
        const char c = static_cast<char>(i);
        if (is_ascii_alpha(c) || is_ascii_digit(c) || c == '_') table[i] = ascii_lower(c);
    }
    return table;
}();

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

class Simhasher {
public:
    void add_text(std::string_view text) {
        if (is_ascii(text)) return add_words(text);
        add_words(python_lower(text));
    }
    std::uint64_t value() { return m_bits.majority(); }

private:
    void add_words(std::string_view text) {
        for (std::size_t pos = 0; pos < text.size();) {
            if (const auto byte = static_cast<unsigned char>(text[pos]); byte < 0x80) {
                ++pos;
                if (k_word_bytes[byte] == 0) {
                    end_word();
                } else {
                    m_word += k_word_bytes[byte];
                    ++m_length;
                }
                continue;
            }
            const auto start = pos;
            if (!is_word_character(next_code_point(text, pos))) {
                end_word();
            } else {
                m_word.append(text, start, pos - start);
                ++m_length;
            }
        }
        end_word();
    }

    void end_word() {
        if (m_length >= k_min_word_code_points) {
            if (const auto feature = hashes().find(m_word); feature.counts) m_bits.add(feature.hash);
        }
        m_word.clear();
        m_length = 0;
    }

    static WordHashes& hashes() {
        thread_local WordHashes table;
        return table;
    }

    BitCounter m_bits;
    std::string m_word;
    std::size_t m_length = 0; // of m_word in code points
};

std::string join_lines(std::string first, std::string_view second) {
    first += '\n';
    first += second;
    return first;
}
}

std::array<std::string, 3> content_hashes(std::string_view title, std::string_view content) {
    const auto plain = join_words(ascii_lower(web_text_2026(content)));
    return {sha256_hex(content), sha256_hex(join_lines(std::string(title), content)),
            sha256_hex(join_lines(join_words(python_lower(title)), plain))};
}

std::uint64_t simhash(std::string_view title, std::string_view content) {
    Simhasher hasher;
    hasher.add_text(title);
    hasher.add_text(content);
    return hasher.value();
}

int hamming_distance(std::uint64_t a, std::uint64_t b) { return std::popcount(a ^ b); }

int count_words(std::string_view text) {
    int words = 0;
    bool inside = false;
    for (std::size_t pos = 0; pos < text.size();) {
        const bool space = is_python_space(read_code_point(text, pos));
        if (!space && !inside) ++words;
        inside = !space;
    }
    return words;
}
}
