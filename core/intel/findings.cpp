#include "core/intel/findings.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace cti::intel {
namespace {
std::uint32_t hash_of(const Indicator& indicator) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(indicator.value) * 31 +
                                      static_cast<std::size_t>(indicator.type));
}
}

std::size_t Findings::slot_of(const Indicator& indicator, std::uint32_t hash) const {
    const auto mask = m_slots.size() - 1;
    auto slot = hash & mask;
    for (; m_slots[slot] != 0; slot = (slot + 1) & mask) {
        const auto index = m_slots[slot] - 1;
        if (m_hashes[index] != hash) continue;
        const auto& item = m_items[index];
        if (item.type == indicator.type && item.value == indicator.value) break;
    }
    return slot;
}

void Findings::grow() {
    m_slots.assign(std::max<std::size_t>(64, 2 * m_slots.size()), 0);
    for (std::size_t i = 0; i < m_items.size(); ++i)
        m_slots[slot_of(m_items[i], m_hashes[i])] = static_cast<std::uint32_t>(i + 1);
}

void Findings::add(Indicator indicator) {
    if (2 * (m_items.size() + 1) > m_slots.size()) grow();
    const auto hash = hash_of(indicator);
    auto& slot = m_slots[slot_of(indicator, hash)];
    if (slot != 0) {
        auto& known = m_items[slot - 1];
        ++known.count;
        // Written out somewhere, it is more than the host of an address.
        if (known.reading == Reading::derived && indicator.reading != Reading::derived)
            known.reading = indicator.reading;
        if (known.verdict == Verdict::unknown_suffix || known.verdict == Verdict::part_of_path ||
            known.verdict == Verdict::code_like)
            known.verdict = indicator.verdict;
    } else if (m_items.size() == m_most) {
        ++m_dropped;
    } else {
        m_items.push_back(std::move(indicator));
        m_hashes.push_back(hash);
        slot = static_cast<std::uint32_t>(m_items.size());
    }
}

std::vector<Indicator> Findings::release() {
    std::ranges::stable_sort(m_items, {}, &Indicator::start);
    m_slots.clear();
    return std::exchange(m_items, {});
}
}
