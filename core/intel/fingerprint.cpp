#include "core/intel/fingerprint.hpp"

#include "core/base/byte_runs.hpp"
#include "core/base/hash.hpp"
#include "core/base/sha256.hpp"
#include "core/base/text.hpp"
#include "core/intel/article_text.hpp"
#include "core/intel/python_text.hpp"

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

// ASCII word characters of a text in lower case.
constexpr auto k_is_word_byte = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 128; ++i) {
        const char c = static_cast<char>(i);
        table[i] = is_ascii_alpha(c) || is_ascii_digit(c) || c == '_';
    }
    return table;
}();

class Simhasher {
public:
    // A text in lower case.
    void add_text(std::string_view text) {
        for (std::size_t pos = 0; pos < text.size();) {
            const auto start = pos;
            if (const auto length = read_word(text, pos); length >= k_min_word_code_points)
                add_word(text.substr(start, pos - start));
            if (pos < text.size()) read_code_point(text, pos); // what ended it
        }
    }
    std::uint64_t value() { return m_bits.majority(); }

private:
    // Moves behind the word that begins at `pos`; its code points, which may be none.
    static std::size_t read_word(std::string_view text, std::size_t& pos) {
        std::size_t length = 0;
        for (;;) {
            const auto start = pos;
            while (pos < text.size() && k_is_word_byte[static_cast<unsigned char>(text[pos])]) ++pos;
            length += pos - start;
            if (pos == text.size() || static_cast<unsigned char>(text[pos]) < 0x80) return length;
            auto next = pos;
            if (!is_word_character(next_code_point(text, next))) return length;
            pos = next;
            ++length;
        }
    }

    void add_word(std::string_view word) {
        if (const auto feature = m_hashes.find(word); feature.counts) m_bits.add(feature.hash);
    }

    static WordHashes& hashes() {
        thread_local WordHashes table;
        return table;
    }

    WordHashes& m_hashes = hashes();
    BitCounter m_bits;
};

// Of `first`, a line end and `second`.
std::string sha256_of_lines(std::string_view first, std::string_view second) {
    Sha256 hash;
    hash.add(first);
    hash.add("\n");
    hash.add(second);
    return hash.hex();
}
}

std::array<std::string, 3> content_hashes(ArticleText& text) {
    return {sha256_hex(text.content()), sha256_of_lines(text.title(), text.content()),
            sha256_of_lines(join_words(text.lower_title()), join_words(text.lower_web_text()))};
}

std::array<std::string, 3> content_hashes(std::string_view title, std::string_view content) {
    ArticleText text(title, content);
    return content_hashes(text);
}

std::uint64_t simhash(ArticleText& text) {
    Simhasher hasher;
    hasher.add_text(text.lower_title());
    hasher.add_text(python_lower(text.content()));
    return hasher.value();
}

std::uint64_t simhash(std::string_view title, std::string_view content) {
    ArticleText text(title, content);
    return simhash(text);
}

int hamming_distance(std::uint64_t a, std::uint64_t b) { return std::popcount(a ^ b); }

namespace {
// Words that begin in a block of ASCII.
struct BlockWords {
    bool is_ascii = false;
    int count = 0;
    bool ends_inside = false;
};
BlockWords count_block_words(const char* block, bool begins_inside) {
    const auto is_space = [](char c) {
        return static_cast<bool>((c == ' ') | ((c >= '\t') & (c <= '\r')) | ((c >= 0x1C) & (c <= 0x1F)));
    };
    signed char high = 0;
    unsigned char starts = 0;
    for (std::size_t i = 0; i < k_block_bytes; ++i) high = static_cast<signed char>(high | block[i]);
    for (std::size_t i = 1; i < k_block_bytes; ++i)
        starts += static_cast<unsigned char>(!is_space(block[i]) & is_space(block[i - 1]) ? 1 : 0);
    if (!begins_inside && !is_space(block[0])) ++starts;
    return {high >= 0, starts, !is_space(block[k_block_bytes - 1])};
}
}

int count_words(std::string_view text) {
    int words = 0;
    bool inside = false;
    std::size_t next_block = 0; // No block is looked at twice.
    for (std::size_t pos = 0; pos < text.size();) {
        if (pos >= next_block && pos + k_block_bytes <= text.size()) {
            next_block = pos + k_block_bytes;
            if (const auto block = count_block_words(text.data() + pos, inside); block.is_ascii) {
                words += block.count, inside = block.ends_inside, pos += k_block_bytes;
                continue;
            }
        }
        const bool space = is_python_space(read_code_point(text, pos));
        if (!space && !inside) ++words;
        inside = !space;
    }
    return words;
}
}
