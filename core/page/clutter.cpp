#include "core/page/phrases.hpp"
#include "core/page/removals.hpp"
#include "core/page/thresholds.hpp"

namespace cti::page {
namespace {
class Clutter {
public:
    Clutter(Removals& removals, const Place& place)
        : m_removals(removals), m_page(removals.page()), m_document(m_page.document()), m_root(place.root),
          m_title(place.title), m_is_chosen(place.is_chosen) {}

    void run() {
        const auto root = m_root;
        for (NodeId id = root + 1; id < m_document.end(root);) {
            if (m_document.is_text(id) || m_page.is_removed(id)) {
                ++id;
                continue;
            }
            if (id == m_title) {
                m_removals.remove_whole(id, "the title");
                id = m_document.end(id);
                continue;
            }
            if (m_page[id].chars > 0 && m_page[id].chars < 50 && m_page[id].direct == m_page[id].chars &&
                may_be_heading(id) && is_author_heading(m_document.folded_text(id, 100))) {
                remove_biography(m_removals, m_root, id);
                id = m_document.end(id);
                continue;
            }
            if (const auto why = clutter_reason(id); !why.empty()) {
                m_removals.remove(id, why);
                id = m_document.end(id);
                continue;
            }
            if (is_heading(m_document.element(id))) {
                const auto heading = m_document.folded_text(id, 300);
                if (is_boilerplate_heading(heading) || (announces_links(heading) && is_over_links(id)))
                    remove_section(id, m_page[root].good);
            } else if (m_page[id].direct == m_page[id].chars && m_page[id].chars > 3 &&
                       m_page[id].chars < 60 && announces_links(m_document.folded_text(id, 200))) {
                remove_list_below(id);
            }
            ++id;
        }
    }

private:
    bool may_be_heading(NodeId id) const {
        const auto element = m_document.element(id);
        return is_heading(element) || element == Element::e_p || element == Element::e_div;
    }

    // A line that is a heading in all but name, and the list of links below it.
    void remove_list_below(NodeId line) {
        const auto parent = m_document.parent(line);
        for (auto next = m_document.end(line); next < m_document.end(parent); next = m_document.end(next)) {
            if (m_page[next].chars == 0 || m_page.is_removed(next)) continue;
            const auto element = m_document.element(next);
            const bool is_list = element == Element::e_ul || element == Element::e_ol ||
                                 element == Element::e_div || element == Element::e_section;
            if (!is_list || m_page[next].link_density() < 0.4 || m_page[next].chars > 1500) return;
            m_removals.remove(line, "a line over links");
            m_removals.remove(next, "links below such a line");
            return;
        }
    }

    // What follows the heading, up to the next of its rank, is links for the most part.
    bool is_over_links(NodeId heading) const {
        std::uint32_t chars = 0, links = 0;
        for (auto next = m_document.end(heading); next < m_document.end(m_document.parent(heading));
             next = m_document.end(next)) {
            const auto element = m_document.element(next);
            if (is_heading(element) && element <= m_document.element(heading)) break;
            if (m_page.is_removed(next)) continue;
            chars += m_page[next].chars;
            links += m_page[next].link_chars;
        }
        return links * 5 >= chars * 2;
    }

    // The heading and what follows it up to the next heading of its rank, as long as that is no large part of
    // the text.
    void remove_section(NodeId heading, std::uint32_t total) {
        const auto parent = m_document.parent(heading);
        m_removals.remove(heading, "a heading over boilerplate");
        std::uint32_t good = 0;
        for (NodeId next = m_document.end(heading); next < m_document.end(parent);
             next = m_document.end(next)) {
            const auto element = m_document.element(next);
            if (is_heading(element) && element <= m_document.element(heading)) return;
            if (m_page.is_removed(next)) continue;
            if ((good += m_page[next].good) * 5 > total) return;
            m_removals.remove(next, "below a heading over boilerplate");
        }
    }

    static bool is_part(Element element) {
        switch (element) {
        case Element::e_li:
        case Element::e_dt:
        case Element::e_dd:
        case Element::e_tr:
        case Element::e_td:
        case Element::e_th:
        case Element::e_tbody:
        case Element::e_thead:
        case Element::e_tfoot: return true;
        default: return is_heading(element);
        }
    }

    // The first words are a link, and more than a word or two.
    bool starts_with_link(NodeId id) const {
        NodeId link_end = 0;
        for (NodeId at = id; at < m_document.end(id); ++at) {
            if (m_page.is_removed(at)) continue;
            if (m_document.element(at) == Element::e_a) link_end = m_document.end(at);
            if (m_document.is_text(at) && m_page[at].chars > 0)
                return at < link_end && m_page[at].chars >= 12;
        }
        return false;
    }

    // Several children of one kind, each led by a link and short: what the site shows of its other pages.
    bool is_teaser_list(NodeId id) const {
        const auto& measure = m_page[id];
        if (measure.chars < 100 || measure.direct > 0 || measure.link_density() < k_min_teaser_links ||
            measure.good * 2 > m_page[m_root].good)
            return false;
        int alike = 0, others = 0;
        std::uint32_t chars = 0;
        std::string_view signature;
        Element element = Element::text;
        for_each_child(m_document, id, [&](NodeId child) {
            if (m_document.is_text(child) || m_page.is_removed(child) || m_page[child].chars == 0) return;
            const auto names = m_document.attribute(child, "class");
            if (alike == 0) {
                signature = names;
                element = m_document.element(child);
            }
            const bool is_teaser = m_document.element(child) == element &&
                                   names.substr(0, 12) == signature.substr(0, 12) &&
                                   m_page[child].link_density() > 0.1 && m_page[child].chars < k_max_teaser &&
                                   !is_inline(element) && starts_with_link(child);
            ++(is_teaser ? alike : others);
            chars += m_page[child].chars;
        });
        return alike >= 3 && others * 3 <= alike && element != Element::e_p &&
               !is_indicator_list(m_document.folded_text(id, 3000), WebAddresses::counted);
    }

    // "See also our report on X.": told in a sentence, inside an article whose place the source's
    // configuration names.
    bool is_sentence_with_link(NodeId id) const {
        if (m_document.element(id) != Element::e_p || m_page[id].chars > 300) return false;
        const auto text = m_document.folded_text(id, 1000);
        return (text.ends_with('.') || text.ends_with('!') || text.ends_with('?')) && !starts_with_link(id);
    }

    // A source's own selector says where the text is: less of what stands there is taken for something else.
    bool is_chosen() const { return m_is_chosen; }

    bool mentions(NodeId id) const { return m_removals.indicators().mentions(id); }

    std::string_view clutter_reason(NodeId id) const {
        const auto element = m_document.element(id);
        const auto& measure = m_page[id];
        const auto hints = m_page.hints(id);
        if (measure.chars == 0 || (is_inline(element) && (hints & h_caption) == 0)) return {};
        if (!is_chosen() && ((hints & h_caption) != 0 || element == Element::e_figure) &&
            measure.chars < k_max_caption && !mentions(id) &&
            !holds_any(
                m_document, id,
                {Element::e_pre, Element::e_table, Element::e_blockquote, Element::e_ul, Element::e_ol}))
            return "a caption";
        if (element == Element::e_blockquote) return {};
        if (!is_part(element) && is_teaser_list(id)) return "a list of teasers";
        if ((hints & (h_byline | h_date)) != 0 && measure.good < k_max_label_good &&
            measure.chars < k_max_label_chars && !mentions(id))
            return "byline";
        if ((hints & h_weak) != 0 && measure.good < k_max_label_good && measure.chars < k_max_label_chars &&
            !mentions(id))
            return "named like boilerplate, and short";
        if (!is_part(element) && measure.link_density() > k_min_mostly_links &&
            measure.good * 5 < measure.chars && measure.chars * 2 < m_page[m_root].chars &&
            !(is_chosen() && is_sentence_with_link(id)) &&
            !is_indicator_list(m_document.folded_text(id, 2000), WebAddresses::counted))
            return "mostly links";
        if (measure.chars < k_max_worded && !mentions(id)) {
            const auto text = m_document.folded_text(id, 600);
            if (is_boilerplate_line(text) || is_prompt(text)) return "boilerplate by its words";
        }
        return {};
    }

    Removals& m_removals;
    const Measured& m_page;
    const Document& m_document;
    NodeId m_root, m_title;
    bool m_is_chosen;
};
}

void remove_clutter(Removals& removals, const Place& place) { Clutter(removals, place).run(); }
}
