#include "core/page/removals.hpp"
#include "core/page/thresholds.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr std::string_view k_comments = "comments";

class Frame {
public:
    explicit Frame(Removals& removals)
        : m_removals(removals), m_page(removals.page()), m_document(m_page.document()) {}

    void run(NodeId begin, NodeId end, bool strict) {
        const auto total = std::max(1U, m_page[0].good);
        for (NodeId id = begin; id < end; ++id) {
            if (m_document.is_text(id) || m_document.element(id) == Element::e_body) continue;
            const auto why = frame_reason(id, total, strict);
            if (why.empty()) continue;
            remove(id, why);
            id = m_document.end(id) - 1;
        }
    }

private:
    void remove(NodeId id, std::string_view why) {
        if (m_document.element(id) == Element::e_head) return m_removals.remove_whole(id, why);
        why == k_comments ? m_removals.remove_comments(id, why) : m_removals.remove(id, why);
    }

    std::string_view frame_reason(NodeId id, std::uint32_t total, bool strict) const {
        const double share = static_cast<double>(m_page[id].good) / total;
        switch (m_document.element(id)) {
        case Element::e_head: return "no text of the page";
        case Element::e_button:
        case Element::e_input:
        case Element::e_option:
            if (share < k_max_frame_share) return "no text of the page";
            break;
        default: break;
        }
        const auto hints = m_page.hints(id);
        if (hints == 0) return {};
        if ((hints & h_comments) != 0 && strict && share < k_max_comments_share) return k_comments;
        if ((hints & (h_hidden | h_chrome)) != 0 && is_telling(id)) return {};
        if ((hints & h_hidden) != 0 && share < k_max_frame_share && !is_unfolding(id)) return "hidden";
        if ((hints & h_chrome) != 0 && share < k_max_frame_share) return "the page's frame";
        if ((hints & h_boilerplate) != 0 && (hints & h_body) == 0 && strict && share < k_max_frame_share &&
            !is_quoting(id) && !is_list_of_indicators(id))
            return "named as boilerplate";
        return {};
    }

    // A box or a folded panel of the article that names an indicator or a weakness.
    bool is_telling(NodeId id) const {
        return (m_page.hints(id) & (h_boilerplate | h_comments)) == 0 &&
               m_removals.indicators().mentions(id) && m_page[id].link_density() < k_max_folded_links &&
               is_within(id, h_article | h_body);
    }

    // Text of the article that a script or a click shows: slides, folded sections, what is after "read
    // more".
    bool is_unfolding(NodeId id) const {
        if ((m_page.hints(id) & (h_boilerplate | h_comments | h_chrome)) != 0) return false;
        const auto& measure = m_page[id];
        if (measure.good < k_min_folded || measure.link_density() > k_max_folded_links) return false;
        return is_within(id, h_article | h_body);
    }

    // Posts of social networks that the article shows.
    bool is_quoting(NodeId id) const {
        return m_page[id].chars < 2000 && m_page[id].link_density() < 0.5 &&
               holds_any(m_document, id, {Element::e_blockquote}) && is_within(id, h_article | h_body);
    }

    // A table of hashes stays, whatever its name, where it stands in the article.
    bool is_list_of_indicators(NodeId id) const {
        return m_removals.indicators().holds(id) && is_within(id, h_article | h_body) &&
               is_indicator_list(m_document.folded_text(id, 2000), WebAddresses::ignored);
    }

    bool is_within(NodeId id, Hints hints) const {
        for (auto at = m_document.parent(id); at != k_no_node; at = m_document.parent(at)) {
            if ((m_page.hints(at) & hints) != 0) return true;
        }
        return false;
    }

    Removals& m_removals;
    const Measured& m_page;
    const Document& m_document;
};
}

void remove_frame(Removals& removals, NodeId begin, NodeId end, bool strict) {
    Frame(removals).run(begin, end, strict);
}
}
