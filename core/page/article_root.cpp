#include "core/page/article_root.hpp"

#include "core/page/thresholds.hpp"

#include <algorithm>
#include <vector>

namespace cti::page {
namespace {
class RootFinder {
public:
    RootFinder(const Measured& page, NodeId title)
        : m_page(page), m_document(page.document()), m_title(title) {}

    // The text that the title stands over, where names and sizes have led to something else.
    NodeId find_root() {
        const auto root = find_largest();
        if (m_title == k_no_node || m_page.is_removed(m_title) || m_document.contains(root, m_title))
            return root;
        auto anchored = m_title;
        while (anchored != 0 && m_page[anchored].good < k_min_anchor) anchored = m_document.parent(anchored);
        // An article of its own beside the title: what holds both is the article.
        if (m_document.contains(anchored, root) && m_document.element(root) == Element::e_article &&
            m_document.element(anchored) == Element::e_article)
            return anchored;
        if (m_document.contains(anchored, root) || m_page[anchored].good * 3 < m_page[root].good) return root;
        m_method = "title";
        return descend(anchored);
    }

    const char* method() const { return m_method; }

private:
    NodeId common_ancestor(NodeId a, NodeId b) const {
        while (!m_document.contains(a, b)) a = m_document.parent(a);
        return a;
    }

    // How many articles stand below the node: front pages and endless scrolling have several.
    int count_articles(NodeId id) const {
        int count = 0;
        for (NodeId at = id; at < m_document.end(id);) {
            if (!m_page.is_removed(at) && m_document.element(at) == Element::e_article &&
                m_page[at].good > 200) {
                ++count;
                at = m_document.end(at);
            } else {
                ++at;
            }
        }
        return count;
    }

    // Elements that are named as the article's text. Where it is cut into several, what holds them all.
    NodeId find_named_body() {
        const auto total = std::max(1U, m_page[0].good);
        std::vector<NodeId> bodies;
        for (NodeId id = 1; id < m_document.size();) {
            if (!m_page.is_removed(id) && (m_page.hints(id) & h_body) != 0 && m_page[id].good > 0 &&
                m_document.element(id) != Element::e_body) {
                bodies.push_back(id);
                id = m_document.end(id);
            } else {
                ++id;
            }
        }
        if (bodies.empty()) return k_no_node;
        const auto best = *std::ranges::max_element(bodies, {}, [&](NodeId id) { return m_page[id].good; });
        auto root = best;
        for (const auto body : bodies) {
            const auto common = common_ancestor(root, body);
            if (common != root && m_document.element(common) != Element::e_body &&
                count_articles(common) <= 1 && m_page[common].good > m_page[root].good)
                root = common;
        }
        if (m_page[root].good < k_min_named_body * total) return k_no_node;
        // A name may be on what holds the page as well as on the text alone.
        return innermost(root, h_body, k_min_innermost);
    }

    // The innermost element below that has the hint and nearly all of the text.
    NodeId innermost(NodeId root, Hints hint, double share) const {
        auto best = root;
        for (NodeId id = root + 1; id < m_document.end(root); ++id) {
            if (!m_page.is_removed(id) && (m_page.hints(id) & hint) != 0 &&
                m_page[id].good >= share * m_page[root].good)
                best = id;
        }
        return best;
    }

    NodeId find_largest() {
        m_method = "body";
        if (const auto named = find_named_body(); named != k_no_node) return named;
        NodeId root = 0;
        m_method = "article";
        const auto total = m_page[0].good;
        for (NodeId id = 1; id < m_document.size(); ++id) {
            if (!m_page.is_removed(id) && (m_page.hints(id) & h_article) != 0 &&
                m_page[id].good >= k_min_article * total)
                root = id;
        }
        if (root == 0) m_method = "descent";
        return descend(root);
    }

    NodeId descend(NodeId root) {
        for (;;) {
            NodeId next = k_no_node;
            for_each_child(m_document, root, [&](NodeId child) {
                if (!m_document.is_text(child) && !is_inline(m_document.element(child)) &&
                    m_page[child].good > k_min_descent * m_page[root].good)
                    next = child;
            });
            if (next == k_no_node || m_document.element(next) == Element::e_p) return root;
            root = next;
        }
    }

    const Measured& m_page;
    const Document& m_document;
    NodeId m_title;
    const char* m_method = "descent";
};
}

ArticleRoot find_article_root(const Measured& page, NodeId title) {
    RootFinder finder(page, title);
    const auto root = finder.find_root();
    return {root, finder.method()};
}
}
