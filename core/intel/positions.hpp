#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cti::intel {

// Sixteen bytes side by side, as GCC and Clang have them: a comparison is of each, and gives a mask of ones
// where it holds. A loop over single bytes becomes one of tables and branches.
using Bytes = unsigned char __attribute__((vector_size(16)));
inline Bytes all_of_it(unsigned char c) { return Bytes{} + c; }
inline auto are(Bytes bytes, unsigned char c) { return bytes == all_of_it(c); }
// From `first` on, `count` of them.
inline auto are_from(Bytes bytes, unsigned char first, unsigned char count) {
    return (bytes - all_of_it(first)) < all_of_it(count);
}
inline auto are_letters(Bytes bytes) { return are_from(bytes | all_of_it(0x20), 'a', 26); }
inline auto are_digits(Bytes bytes) { return are_from(bytes, '0', 10); }

// The places of a text that hold something, 64 at a time: a loop over words ends at another length each time,
// which a processor cannot foresee; one over bits need not.
template <class IsWanted>
class Positions {
public:
    // is_wanted(byte, byte behind it) is asked about every place of `text`; behind the last one stands NUL.
    // Made of comparisons and without a branch or a table, it is asked about sixteen places at once.
    Positions(std::string_view text, IsWanted is_wanted) : m_text(text), m_is_wanted(is_wanted) {}

    // The first one at `pos` or after it, or the size of the text.
    std::size_t next(std::size_t pos) {
        while (pos < m_text.size()) {
            if (pos - m_begin >= k_block) read(pos);
            if (const auto rest = m_bits >> (pos - m_begin); rest != 0)
                return pos + static_cast<std::size_t>(std::countr_zero(rest));
            pos = m_begin + k_block;
        }
        return m_text.size();
    }

private:
    static constexpr std::size_t k_block = 64;
    void read(std::size_t begin) {
        m_begin = begin;
        if (const auto size = m_text.size() - begin; size > k_block) {
            m_bits = bits_of(m_text.data() + begin);
        } else {
            std::array<char, k_block + 1> last{};
            m_text.copy(last.data(), size, begin);
            m_bits = bits_of(last.data());
            if (size < k_block) m_bits &= (std::uint64_t{1} << size) - 1;
        }
    }

    std::uint64_t bits_of(const char* text) const {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < k_block; i += sizeof(Bytes)) {
            Bytes bytes, behind;
            std::memcpy(&bytes, text + i, sizeof bytes);
            std::memcpy(&behind, text + i + 1, sizeof behind);
            const auto mask = m_is_wanted(bytes, behind);
            std::array<std::uint64_t, 2> halves{};
            static_assert(sizeof mask == sizeof halves);
            std::memcpy(halves.data(), &mask, sizeof mask);
            bits |= (pack(halves[0]) | pack(halves[1]) << 8U) << i;
        }
        return bits;
    }

    // Eight bytes of zeros or ones as eight bits: the factor brings the lowest bit of byte i to bit 56 + i.
    static std::uint64_t pack(std::uint64_t bytes) {
        return ((bytes & 0x0101010101010101U) * 0x0102040810204080U) >> 56U;
    }

    std::string_view m_text;
    std::size_t m_begin = SIZE_MAX - k_block;
    IsWanted m_is_wanted;
    std::uint64_t m_bits = 0;
};
}
