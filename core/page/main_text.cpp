#include "core/page/main_text.hpp"

#include "core/base/text.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::page {
namespace {
class Finder {
public:
    Finder(Measured& page, const TextHelp& help, bool explain)
        : m_page(page), m_document(page.document()), m_help(help), m_explain(explain), m_title(find_title()) {
    }

    MainText run() {
        if (!m_help.roots.empty()) {
            if (auto out = by_selectors(); !out.text.empty()) return out;
        }
        auto out = attempt(true);
        // Names that mean boilerplate elsewhere may be the article's here: what they cost is looked at again.
        if (out.text.size() < 250) {
            m_reasons.clear();
            if (auto more = attempt(false); more.text.size() > 2 * out.text.size()) out = std::move(more);
        }
        // Pages that a script fills, and those that show a beginning only.
        if (m_help.article_body.size() > 400 && m_help.article_body.size() * 2 > out.text.size() * 3) {
            out.text = m_help.article_body;
            out.method = "json-ld";
        }
        return out;
    }

private:
    // The source says where the text is; what is no text there still goes.
    MainText by_selectors() {
        m_page.restore_all();
        m_page.measure();
        std::string text;
        for (const auto root : selected_roots()) {
            remove_frame(root + 1, m_document.end(root), true);
            m_page.measure();
            prune(root);
            m_page.measure();
            auto part = write_text(m_page, root);
            if (!text.empty() && !part.empty()) text += "\n\n";
            text += part;
        }
        return {std::move(text), "selector", std::move(m_reasons)};
    }

    // "article" finds the teasers at the page's end too: of several articles it is the one with the title,
    // else the largest.
    std::vector<NodeId> selected_roots() const {
        const auto& roots = m_help.roots;
        const bool are_articles = std::ranges::all_of(
            roots, [&](NodeId id) { return m_document.element(id) == Element::e_article; });
        if (roots.size() < 2 || !are_articles) return roots;
        for (const auto id : roots) {
            if (m_title != k_no_node && m_document.contains(id, m_title)) return {id};
        }
        return {*std::ranges::max_element(roots, {}, [&](NodeId id) { return m_page[id].good; })};
    }

    MainText attempt(bool strict) {
        m_page.restore_all();
        m_page.measure();
        remove_frame(1, m_document.size(), strict);
        m_page.measure();
        const auto root = find_root();
        note(root, "the article's text is here: " + m_method);
        prune(root);
        trim_end(root);
        m_page.measure();
        auto text = write_text(m_page, root);
        if (auto lead = find_lead(root);
            !lead.empty() && letters_of(text).find(letters_of(lead)) == std::string::npos)
            text = lead + "\n\n" + text;
        return {std::move(text), m_method, std::move(m_reasons)};
    }

    // The element and four around it, outermost first: "body > div#main > article.post > p".
    std::string path_of(NodeId id) const {
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

    void note(NodeId id, std::string_view why) {
        constexpr std::size_t k_max_reasons = 2000;
        if (!m_explain || m_reasons.size() > k_max_reasons) return;
        m_reasons.push_back(fmt::format("{}: {}: '{}'", why, path_of(id),
                                        head_code_points(m_document.folded_text(id, 400), 80)));
    }

    void remove(NodeId id, std::string_view why) {
        if (m_page[id].chars > 0) note(id, why);
        m_page.remove(id);
    }

    // The heading that says the title.
    NodeId find_title() const {
        const auto wanted = letters_of(m_help.title);
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (!is_heading(m_document.element(id))) continue;
            const auto letters = letters_of(m_document.folded_text(id, 1000));
            if (letters.size() >= 2 &&
                (letters == wanted || (wanted.size() >= 12 && letters.find(wanted) != std::string::npos)))
                return id;
        }
        return k_no_node;
    }

    void remove_frame(NodeId begin, NodeId end, bool strict) {
        const auto total = std::max(1U, m_page[0].good);
        for (NodeId id = begin; id < end; ++id) {
            if (m_document.is_text(id) || m_document.element(id) == Element::e_body) continue;
            if (const auto why = frame_reason(id, total, strict); !why.empty()) {
                remove(id, why);
                id = m_document.end(id) - 1;
            }
        }
    }

    std::string_view frame_reason(NodeId id, std::uint32_t total, bool strict) const {
        const double share = static_cast<double>(m_page[id].good) / total;
        switch (m_document.element(id)) {
        case Element::e_head: return "no text of the page";
        case Element::e_button:
        case Element::e_input:
        case Element::e_option:
            if (share < 0.4) return "no text of the page";
            break;
        default: break;
        }
        const auto hints = m_page.hints(id);
        if (hints == 0) return {};
        if ((hints & h_comments) != 0 && strict && share < 0.9) return "comments";
        if ((hints & h_hidden) != 0 && share < 0.4 && !is_unfolding(id)) return "hidden";
        if ((hints & h_chrome) != 0 && share < 0.4) return "the page's frame";
        if ((hints & h_boilerplate) != 0 && (hints & h_body) == 0 && strict && share < 0.4 &&
            !is_quoting(id) && !is_list_of_indicators(id))
            return "named as boilerplate";
        return {};
    }

    // Text of the article that a script or a click shows: slides, folded sections, what is behind "read
    // more".
    bool is_unfolding(NodeId id) const {
        if ((m_page.hints(id) & (h_boilerplate | h_comments | h_chrome)) != 0) return false;
        const auto& measure = m_page[id];
        if (measure.good < 150 || measure.link_density() > 0.3) return false;
        return is_within(id, h_article | h_body);
    }

    // Posts of social networks that the article shows.
    bool is_quoting(NodeId id) const {
        return m_page[id].chars < 2000 && m_page[id].link_density() < 0.5 &&
               holds_any(id, {Element::e_blockquote}) && is_within(id, h_article | h_body);
    }

    // A table of hashes stays, whatever its name, where it stands in the article.
    bool is_list_of_indicators(NodeId id) const {
        return m_page[id].chars > 0 && is_within(id, h_article | h_body) &&
               is_indicator_list(m_document.folded_text(id, 2000), WebAddresses::ignored);
    }

    bool is_within(NodeId id, Hints hints) const {
        for (auto at = m_document.parent(id); at != k_no_node; at = m_document.parent(at)) {
            if ((m_page.hints(at) & hints) != 0) return true;
        }
        return false;
    }

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
        if (m_page[root].good < 0.35 * total) return k_no_node;
        // A name may be on what holds the page as well as on the text alone.
        return innermost(root, h_body, 0.85);
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

    // The text that the title stands over, where names and sizes have led to something else.
    NodeId find_root() {
        const auto root = find_largest();
        if (m_title == k_no_node || m_page.is_removed(m_title) || m_document.contains(root, m_title))
            return root;
        auto anchored = m_title;
        while (anchored != 0 && m_page[anchored].good < 300) anchored = m_document.parent(anchored);
        // An article of its own beside the title: what holds both is the article.
        if (m_document.contains(anchored, root) && m_document.element(root) == Element::e_article &&
            m_document.element(anchored) == Element::e_article)
            return anchored;
        if (m_document.contains(anchored, root) || m_page[anchored].good * 3 < m_page[root].good) return root;
        m_method = "title";
        return descend(anchored);
    }

    NodeId find_largest() {
        m_method = "body";
        if (const auto named = find_named_body(); named != k_no_node) return named;
        NodeId root = 0;
        m_method = "article";
        const auto total = m_page[0].good;
        for (NodeId id = 1; id < m_document.size(); ++id) {
            if (!m_page.is_removed(id) && (m_page.hints(id) & h_article) != 0 &&
                m_page[id].good >= 0.5 * total)
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
                    m_page[child].good > 0.8 * m_page[root].good)
                    next = child;
            });
            if (next == k_no_node || m_document.element(next) == Element::e_p) return root;
            root = next;
        }
    }

    // From the end upwards: who wrote it, where to follow, what to subscribe to, until a line of the article
    // comes.
    void trim_end(NodeId root) {
        int lines = 0;
        for (NodeId id = m_document.end(root); id-- > root + 1 && lines < 8;) {
            const auto& measure = m_page[id];
            if (m_page.is_removed(id) || m_document.is_text(id) || is_inline(m_document.element(id)) ||
                measure.direct == 0)
                continue;
            ++lines;
            const auto element = m_document.element(id);
            const bool is_line = element == Element::e_p || element == Element::e_div ||
                                 element == Element::e_footer || element == Element::e_section ||
                                 is_heading(element);
            if (measure.chars != measure.direct || measure.chars > 500 || !is_line) return;
            const auto text = m_document.folded_text(id, 1500);
            if (has_indicator(text) || (!is_closing_line(text) && !is_about_author(text))) return;
            remove(id, "a closing line");
        }
    }

    bool is_about_author(std::string_view text) const {
        return std::ranges::any_of(m_help.authors, [&](const std::string& name) {
            if (name.size() < 5 || !istarts_with(text, name)) return false;
            const auto rest = text.substr(name.size(), 40);
            return rest.size() < 3 || rest.find(" is ") != rest.npos || rest.find(" has ") != rest.npos ||
                   rest.find(" covers ") != rest.npos || rest.find(" writes ") != rest.npos ||
                   rest.find(" was ") != rest.npos;
        });
    }

    // The standfirst between the title and the text.
    std::string find_lead(NodeId root) {
        std::string lead;
        if (m_title == k_no_node || m_title >= root) return lead;
        const auto description = letters_of(m_help.description);
        for (NodeId id = m_document.end(m_title); id < root; ++id) {
            if (m_page.is_removed(id) || m_document.is_text(id) || is_inline(m_document.element(id)))
                continue;
            const auto& measure = m_page[id];
            if (measure.direct < 30 || measure.chars != measure.direct ||
                measure.direct_links * 3 > measure.direct || measure.chars > 700)
                continue;
            if (!is_lead(id, description)) continue;
            note(id, "a standfirst");
            if (!lead.empty()) lead += "\n\n";
            lead += write_text(m_page, id);
        }
        return lead;
    }

    bool is_lead(NodeId id, const std::string& description) const {
        Hints hints = 0;
        auto at = id;
        for (int steps = 0; steps < 4 && at != k_no_node && !m_document.contains(at, m_title);
             ++steps, at = m_document.parent(at))
            hints |= m_page.hints(at);
        if ((hints & (h_byline | h_date | h_caption)) != 0) return false;
        const auto text = m_document.folded_text(id, 2000);
        if (is_boilerplate_line(text)) return false;
        if ((hints & h_lead) != 0) return true;
        if ((hints & h_weak) != 0) return false;
        const auto letters = letters_of(text);
        if (letters.size() >= 30 && description.size() >= 30 &&
            (description.starts_with(letters.substr(0, 60)) ||
             letters.starts_with(description.substr(0, 60))))
            return true;
        const auto element = m_document.element(id);
        return (element == Element::e_p || element == Element::e_h2) && m_page[id].good > 60;
    }

    void prune(NodeId root) {
        m_root = root;
        for (NodeId id = root + 1; id < m_document.end(root);) {
            if (m_document.is_text(id) || m_page.is_removed(id)) {
                ++id;
                continue;
            }
            if (const auto why = clutter_reason(id); !why.empty()) {
                remove(id, why);
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

    // A line that is a heading in all but name, and the list of links below it.
    void remove_list_below(NodeId line) {
        const auto parent = m_document.parent(line);
        for (auto next = m_document.end(line); next < m_document.end(parent); next = m_document.end(next)) {
            if (m_page[next].chars == 0 || m_page.is_removed(next)) continue;
            const auto element = m_document.element(next);
            const bool is_list = element == Element::e_ul || element == Element::e_ol ||
                                 element == Element::e_div || element == Element::e_section;
            if (!is_list || m_page[next].link_density() < 0.4 || m_page[next].chars > 1500) return;
            remove(line, "a line over links");
            remove(next, "links below such a line");
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
        remove(heading, "a heading over boilerplate");
        std::uint32_t good = 0;
        for (NodeId next = m_document.end(heading); next < m_document.end(parent);
             next = m_document.end(next)) {
            const auto element = m_document.element(next);
            if (is_heading(element) && element <= m_document.element(heading)) return;
            if (m_page.is_removed(next)) continue;
            if ((good += m_page[next].good) * 5 > total) return;
            remove(next, "below a heading over boilerplate");
        }
    }

    bool holds_any(NodeId id, std::initializer_list<Element> wanted) const {
        for (NodeId at = id + 1; at < m_document.end(id); ++at) {
            if (std::ranges::find(wanted, m_document.element(at)) != wanted.end()) return true;
        }
        return false;
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
        if (measure.chars < 100 || measure.direct > 0 || measure.link_density() < 0.2 ||
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
                                   m_page[child].link_density() > 0.1 && m_page[child].chars < 450 &&
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
    bool is_chosen() const { return !m_help.roots.empty(); }

    std::string_view clutter_reason(NodeId id) const {
        const auto element = m_document.element(id);
        const auto& measure = m_page[id];
        const auto hints = m_page.hints(id);
        if (measure.chars == 0 || (is_inline(element) && (hints & h_caption) == 0)) return {};
        if (id == m_title) return "the title";
        if (!is_chosen() && ((hints & h_caption) != 0 || element == Element::e_figure) &&
            measure.chars < 600 &&
            !holds_any(
                id, {Element::e_pre, Element::e_table, Element::e_blockquote, Element::e_ul, Element::e_ol}))
            return "a caption";
        if (element == Element::e_blockquote) return {};
        if (!is_part(element) && is_teaser_list(id)) return "a list of teasers";
        if ((hints & (h_byline | h_date)) != 0 && measure.good < 200 && measure.chars < 400 &&
            !has_indicator(m_document.folded_text(id, 1000)))
            return "byline";
        if ((hints & h_weak) != 0 && measure.good < 200 && measure.chars < 400 &&
            !has_indicator(m_document.folded_text(id, 1000)))
            return "named like boilerplate, and short";
        if (!is_part(element) && measure.link_density() > 0.7 && measure.good * 5 < measure.chars &&
            measure.chars * 2 < m_page[m_root].chars && !(is_chosen() && is_sentence_with_link(id)) &&
            !is_indicator_list(m_document.folded_text(id, 2000), WebAddresses::counted))
            return "mostly links";
        if (measure.chars < 300 && is_boilerplate_line(m_document.folded_text(id, 600)))
            return "boilerplate by its words";
        return {};
    }

    Measured& m_page;
    const Document& m_document;
    const TextHelp& m_help;
    bool m_explain;
    NodeId m_title;
    NodeId m_root = 0;
    std::string m_method;
    std::vector<std::string> m_reasons;
};
}

MainText find_main_text(Measured& page, const TextHelp& help, bool explain) {
    return Finder(page, help, explain).run();
}
}
