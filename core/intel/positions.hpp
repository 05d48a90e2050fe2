#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cti::intel {

// The places of a text that hold something, 64 at a time: a loop over words ends at another length each time,
// which a processor cannot foresee; one over bits need not.
template <class IsWanted>
class Positions {
public:
    // is_wanted(pos) is asked about every place of `text`, and should be quick and without a branch.
    Positions(std::string_view text, IsWanted is_wanted) : m_size(text.size()), m_is_wanted(is_wanted) {}

    // The first one at `pos` or after it, or the size of the text.
    std::size_t next(std::size_t pos) {
        while (pos < m_size) {
            if (pos - m_begin >= k_block) read(pos);
            if (const auto rest = m_bits >> (pos - m_begin); rest != 0)
                return pos + static_cast<std::size_t>(std::countr_zero(rest));
            pos = m_begin + k_block;
        }
        return m_size;
    }

private:
    static constexpr std::size_t k_block = 64;
    void read(std::size_t begin) {
        std::array<unsigned char, k_block> wanted{}; // 0 or 1
        const auto size = std::min(k_block, m_size - begin);
        if (size == k_block)
            for (std::size_t i = 0; i < k_block; ++i) wanted[i] = m_is_wanted(begin + i);
        else
            for (std::size_t i = 0; i < size; ++i) wanted[i] = m_is_wanted(begin + i);
        m_begin = begin;
        m_bits = 0;
        for (std::size_t i = 0; i < k_block; i += 8) m_bits |= pack(&wanted[i]) << i;
    }

    // Eight bytes of 0 or 1 as eight bits: the factor brings the lowest bit of byte i to bit 56 + i.
    static std::uint64_t pack(const unsigned char* bytes) {
        std::uint64_t word = 0;
        for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
        return (word * 0x0102040810204080U) >> 56U;
    }

    std::size_t m_size, m_begin = SIZE_MAX - k_block;
    IsWanted m_is_wanted;
    std::uint64_t m_bits = 0;
};
}
