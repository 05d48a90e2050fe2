#pragma once
#include "core/intel/indicator.hpp"

namespace cti::intel {

// The distinct indicators of a text, in the order of their first occurrence.
class Findings {
public:
    explicit Findings(std::size_t most) : m_most(most) {}

    // The same value again is counted. What is more than the most is left out.
    void add(Indicator indicator);
    bool is_full() const { return m_dropped > 0; }
    std::size_t dropped() const { return m_dropped; }
    std::vector<Indicator> release();

private:
    void grow();
    std::size_t slot_of(const Indicator& indicator, std::uint32_t hash) const;

    std::vector<Indicator> m_items;
    std::vector<std::uint32_t> m_hashes; // of the items
    std::vector<std::uint32_t> m_slots;  // open addressing; 0: free, else the item's index + 1
    std::size_t m_most, m_dropped = 0;
};
}
