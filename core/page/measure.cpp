#include "core/page/measure.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr std::uint32_t k_min_paragraph = 45; // Shorter blocks are labels, menus, buttons as often as text.

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
    : m_document(document), m_measures(document.size()), m_hints(hints), m_removed(document.size()),
      m_block(document.size(), 0) {
    for (NodeId id = 0; id < document.size(); ++id) {
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
        const auto chars = count_chars(m_document.text(id));
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

namespace {
bool is_hex(char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// One word without blanks.
bool is_indicator(std::string_view word) {
    if (word.size() < 7) return false;
    if (std::ranges::all_of(word, is_hex))
        return word.size() == 32 || word.size() == 40 || word.size() == 64 || word.size() == 128;
    if (word.find("[.]") != word.npos || word.find("(.)") != word.npos || word.find("[:]") != word.npos)
        return true;
    if (istarts_with(word, "hxxp") || istarts_with(word, "CVE-")) return true;
    int dots = 0, digits = 0;
    for (const char c : word) {
        dots += c == '.' ? 1 : 0;
        digits += is_ascii_digit(c) ? 1 : 0;
    }
    return dots == 3 && static_cast<std::size_t>(dots + digits) >= word.size() - 2 && digits >= 4;
}
}

namespace {
struct WordCount {
    int words = 0, indicators = 0;
};
WordCount count_indicators(std::string_view text, WebAddresses addresses) {
    WordCount count;
    for (std::size_t pos = 0; pos < text.size();) {
        const auto end = std::min(text.find_first_of(" \t\r\n,;", pos), text.size());
        count.words += end > pos ? 1 : 0;
        const auto word = text.substr(pos, end - pos);
        const bool is_address = addresses == WebAddresses::counted && word.find("://") != word.npos;
        count.indicators += is_address || is_indicator(word) ? 1 : 0;
        pos = end + 1;
    }
    return count;
}
}

bool has_indicator(std::string_view text) {
    return count_indicators(text, WebAddresses::ignored).indicators > 0;
}

bool is_indicator_list(std::string_view text, WebAddresses addresses) {
    const auto [words, indicators] = count_indicators(text, addresses);
    return indicators > 0 && indicators * 6 >= words;
}
}
