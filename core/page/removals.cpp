#include "core/page/removals.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::page {
// The element and four around it, outermost first: "body > div#main > article.post > p".
std::string Removals::path_of(NodeId id) const {
    std::vector<std::string> steps;
    for (auto at = id; at != k_no_node && steps.size() < 5; at = m_document.parent(at)) {
        const auto name = m_document.attribute(at, "id"),
                   names = head_code_points(m_document.attribute(at, "class"), 60);
        steps.push_back(fmt::format("{}{}{}{}{}", m_document.tag_name(at), name.empty() ? "" : "#", name,
                                    names.empty() ? "" : ".", names));
    }
    std::ranges::reverse(steps);
    return join(steps, " > ");
}

void Removals::note(NodeId id, std::string_view why) {
    constexpr std::size_t k_max_reasons = 2000;
    if (!m_explain || m_reasons.size() > k_max_reasons) return;
    m_reasons.push_back(
        fmt::format("{}: {}: '{}'", why, path_of(id), head_code_points(m_document.folded_text(id, 400), 80)));
}

void Removals::remove_whole(NodeId id, std::string_view why) {
    if (m_page[id].chars > 0) note(id, why);
    m_page.remove(id);
}

void Removals::remove(NodeId id, std::string_view why) {
    if (!m_indicators.holds(id)) return remove_whole(id, why);
    note(id, "but for the indicators, " + std::string(why));
    remove_around(id, Kept::units);
}

void Removals::remove_comments(NodeId id, std::string_view why) {
    if (!m_indicators.holds(id)) return remove_whole(id, why);
    remove_around(id, Kept::tables);
}

bool Removals::is_table(NodeId id) const {
    const auto element = m_document.element(id);
    return element == Element::e_pre ||
           (element == Element::e_table && !holds_any(m_document, id, {Element::e_table}));
}

bool Removals::is_unit(NodeId id) const {
    if (m_document.is_text(id) || is_table(id)) return true;
    switch (m_document.element(id)) {
    case Element::e_dl:
    case Element::e_blockquote: return true;
    case Element::e_ul:
    case Element::e_ol: return is_indicator_list(m_document.folded_text(id, 3000), WebAddresses::ignored);
    default: return m_page.block_of(m_indicators.first_below(id)) == id;
    }
}

// A heading stays where what follows it does.
void Removals::remove_around(NodeId id, Kept kept) {
    NodeId heading = k_no_node;
    for (NodeId at = id; at < m_document.end(id);) {
        if (m_page.is_removed(at)) {
            at = m_document.end(at);
        } else if (m_indicators.holds(at)) {
            const bool stays = kept == Kept::units ? is_unit(at) : is_table(at);
            if (stays) heading = k_no_node;
            at = stays ? m_document.end(at) : at + 1;
        } else {
            const bool is_over_next = is_heading(m_document.element(at));
            if (heading != k_no_node && m_page[at].chars > 0) m_page.remove(heading);
            if (is_over_next) heading = at;
            if (!is_over_next) m_page.remove(at);
            at = m_document.end(at);
        }
    }
    if (heading != k_no_node) m_page.remove(heading);
}
}
