#include "core/page/main_text.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::page {
namespace {
class Finder {
public:
    Finder(Measured& page, const TextHelp& help) : m_page(page), m_document(page.document()), m_help(help) {}

    MainText run() {
        m_page.measure();
        remove_frame(true);
        auto out = pick();
        if (out.text.size() < 150) {
            m_page.restore_all();
            m_page.measure();
            remove_frame(false);
            if (auto more = pick(); more.text.size() > 2 * out.text.size()) out = std::move(more);
        }
        return out;
    }

private:
    MainText pick() {
        m_page.measure();
        const auto root = find_root();
        prune(root);
        m_page.measure();
        return {write_text(m_page, root), m_method, {}};
    }

    void remove_frame(bool strict) {
        const auto total = std::max(1U, m_page[0].good);
        for (NodeId id = 1; id < m_document.size(); ++id) {
            if (m_document.is_text(id)) continue;
            if (is_frame(id, total, strict)) {
                m_page.remove(id);
                id = m_document.end(id) - 1;
            }
        }
    }

    bool is_frame(NodeId id, std::uint32_t total, bool strict) {
        const auto element = m_document.element(id);
        switch (element) {
        case Element::e_head:
        case Element::e_button:
        case Element::e_input:
        case Element::e_option: return true;
        default: break;
        }
        const auto hints = m_page.hints(id);
        if (hints == 0) return false;
        const double share = static_cast<double>(m_page[id].good) / total;
        if ((hints & h_comments) != 0 && strict) return share < 0.9;
        if ((hints & (h_hidden | h_chrome)) != 0) return share < 0.4;
        if ((hints & h_boilerplate) != 0 && (hints & h_body) == 0 && strict) return share < 0.4;
        return false;
    }

    // An element that is named as the article's text and holds most of what could be the article.
    NodeId find_named_root(Hints wanted, double share) {
        const auto total = std::max(1U, m_page[0].good);
        NodeId best = k_no_node;
        for (NodeId id = 1; id < m_document.size(); ++id) {
            if (m_page.is_removed(id) || (m_page.hints(id) & wanted) == 0 || m_page[id].good < share * total) continue;
            best = id; // the innermost in document order
        }
        return best;
    }

    NodeId find_root() {
        m_method = "body";
        if (const auto named = find_named_root(h_body, 0.5); named != k_no_node) return named;
        m_method = "article";
        NodeId root = 0;
        if (const auto named = find_named_root(h_article, 0.6); named != k_no_node) root = named;
        if (root == 0) m_method = "descent";
        return descend(root);
    }

    NodeId descend(NodeId root) {
        for (;;) {
            NodeId next = k_no_node;
            for_each_child(m_document, root, [&](NodeId child) {
                if (!m_document.is_text(child) && !is_inline(m_document.element(child)) && m_page[child].good > 0.8 * m_page[root].good) next = child;
            });
            if (next == k_no_node || m_document.element(next) == Element::e_p) return root;
            root = next;
        }
    }

    void prune(NodeId root) {
        for (NodeId id = root + 1; id < m_document.end(root);) {
            if (!m_document.is_text(id) && !m_page.is_removed(id) && is_clutter(id)) {
                m_page.remove(id);
                id = m_document.end(id);
            } else {
                ++id;
            }
        }
    }

    bool is_clutter(NodeId id) {
        const auto element = m_document.element(id);
        const auto& measure = m_page[id];
        if (is_inline(element)) return false;
        if (measure.chars == 0) return false;
        if (element == Element::e_h1 && !m_help.title.empty() && m_document.folded_text(id, 2000) == m_help.title) return true;
        const double density = measure.link_density();
        const auto hints = m_page.hints(id);
        if ((hints & (h_weak | h_byline | h_date)) != 0 && measure.good < 200 && measure.chars < 400) return true;
        if (density > 0.7 && measure.good == 0 && !has_indicator(m_document.folded_text(id, 2000))) return true;
        return false;
    }

    Measured& m_page;
    const Document& m_document;
    const TextHelp& m_help;
    std::string m_method;
};
}

MainText find_main_text(Measured& page, const TextHelp& help, bool /*explain*/) { return Finder(page, help).run(); }
}
