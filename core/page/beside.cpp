#include "core/page/beside.hpp"

#include "core/page/main_text.hpp"

namespace cti::page {
namespace {
class Beside {
public:
    Beside(Removals& removals, const Place& place)
        : m_removals(removals), m_page(removals.page()), m_document(m_page.document()), m_place(place) {}

    std::string write_parts(NodeId begin, NodeId end) {
        m_text.clear();
        NodeId heading = k_no_node;
        for (NodeId id = begin; id < end;) {
            if (m_page.is_removed(id) || id == m_place.title) {
                id = m_document.end(id);
            } else if (!m_removals.indicators().holds(id)) {
                if (m_page[id].chars > 0) heading = is_heading(m_document.element(id)) ? id : k_no_node;
                id = m_document.end(id);
            } else if (is_whole_part(id) || m_removals.is_unit(id)) {
                if (heading != k_no_node) add(heading);
                heading = k_no_node;
                add(id);
                id = m_document.end(id);
            } else {
                ++id;
            }
        }
        return std::move(m_text);
    }

private:
    // A section that is written like an article, not a column of what the site has besides.
    bool is_whole_part(NodeId id) const {
        constexpr std::uint32_t k_max_chars = 8000; // more is another article, or the page
        const auto element = m_document.element(id);
        return (element == Element::e_section || element == Element::e_div ||
                element == Element::e_details) &&
               !m_document.contains(id, m_place.root) && m_page[id].link_density() < 0.15 &&
               m_page[id].chars < k_max_chars && !holds_any(m_document, id, {Element::e_article});
    }

    void add(NodeId id) {
        remove_clutter(m_removals, {id, m_place.title, false});
        const auto part = write_text(m_page, id);
        m_page.remove(id); // so that nobody writes it again
        if (!m_text.empty() && !part.empty()) m_text += "\n\n";
        m_text += part;
    }

    Removals& m_removals;
    Measured& m_page;
    const Document& m_document;
    const Place& m_place;
    std::string m_text;
};
}

BesideText write_beside(Removals& removals, const Place& place) {
    const auto& indicators = removals.indicators();
    const auto& document = removals.page().document();
    if (!indicators.holds(0)) return {};
    Beside beside(removals, place);
    BesideText out;
    out.before = beside.write_parts(0, place.root);
    out.behind = beside.write_parts(document.end(place.root), document.size());
    return out;
}
}
