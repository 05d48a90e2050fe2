#include "core/page/measure.hpp"

#include "core/base/text.hpp"
#include "core/page/thresholds.hpp"

#include <algorithm>

namespace cti::page {
namespace {
std::uint32_t count_chars(std::string_view text) {
    std::uint32_t count = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        // A Chinese, Japanese or Korean character says as much as three letters.
        count += byte >= 0xE3 && byte <= 0xED ? 3 : byte > 0x20 && (byte & 0xC0U) != 0x80U ? 1 : 0;
    }
    return count;
}
}

Measured::Measured(const Document& document, const std::vector<Hints>& hints)
    : m_document(document), m_measures(document.size()), m_chars(document.size()), m_hints(hints),
      m_removed(document.size()), m_block(document.size(), 0) {
    for (NodeId id = 0; id < document.size(); ++id) {
        if (document.is_text(id)) m_chars[id] = count_chars(document.text(id));
        const auto parent = document.parent(id);
        if (parent != k_no_node)
            m_block[id] = is_inline(document.element(parent)) || document.element(parent) == Element::text
                              ? m_block[parent]
                              : parent;
    }
}

void Measured::remove(NodeId id) {
    std::fill(m_removed.begin() + id, m_removed.begin() + m_document.end(id), true);
}

void Measured::restore_all() { std::fill(m_removed.begin(), m_removed.end(), false); }

void Measured::measure() {
    std::fill(m_measures.begin(), m_measures.end(), Measure{});
    NodeId link_end = 0;
    for (NodeId id = 0; id < m_document.size(); ++id) {
        if (m_removed[id]) continue;
        if (m_document.element(id) == Element::e_a && id >= link_end && m_document.has_attribute(id, "href"))
            link_end = m_document.end(id);
        if (!m_document.is_text(id)) continue;
        const auto chars = m_chars[id];
        if (chars == 0) continue;
        m_measures[id].chars = chars;
        auto& block = m_measures[m_block[id]];
        block.direct += chars;
        if (id < link_end) {
            m_measures[id].link_chars = chars;
            block.direct_links += chars;
        }
    }
    for (NodeId id = m_document.size(); id-- > 1;) {
        auto& own = m_measures[id];
        if (own.direct > 0) {
            ++own.blocks;
            if (own.direct >= k_min_paragraph && own.direct_links * 2 < own.direct)
                own.good += own.direct - own.direct_links;
        }
        auto& parent = m_measures[m_document.parent(id)];
        parent.chars += own.chars;
        parent.link_chars += own.link_chars;
        parent.good += own.good;
        parent.blocks += own.blocks;
    }
}
}
