#include "core/page/main_text.hpp"

#include "core/base/text.hpp"
#include "core/page/article_root.hpp"
#include "core/page/beside.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>

namespace cti::page {
namespace {
class Finder {
public:
    Finder(Measured& page, const TextHelp& help, bool explain)
        : m_page(page), m_document(page.document()), m_help(help), m_removals(page, explain),
          m_title(find_title()) {}

    MainText run() {
        if (!m_help.roots.empty()) {
            if (auto out = by_selectors(); !out.text.empty()) return out;
        }
        auto out = attempt(true);
        // Names that mean boilerplate elsewhere may be the article's here: what they cost is looked at again.
        if (out.text.size() < 250) {
            m_removals.forget_reasons();
            if (auto more = attempt(false); more.text.size() > 2 * out.text.size()) out = std::move(more);
        }
        // Pages that a script fills, and those that show a beginning only.
        if (m_help.article_body.size() > 400 && m_help.article_body.size() * 2 > out.text.size() * 3) {
            out.text = with_indicators_of(out.text, m_help.article_body);
            out.method = "json-ld";
        }
        return out;
    }

private:
    // Tables are left out of JSON-LD as a rule.
    static std::string with_indicators_of(std::string_view shown, std::string text) {
        for (const auto line : split(shown, '\n')) {
            if (has_indicator(line) && text.find(trim(line)) == std::string::npos)
                text.append("\n").append(line);
        }
        return text;
    }

    // The source says where the text is; what is no text there still goes.
    MainText by_selectors() {
        m_page.restore_all();
        m_page.measure();
        std::string text;
        for (const auto root : selected_roots()) {
            remove_frame(m_removals, root + 1, m_document.end(root), true);
            m_page.measure();
            remove_clutter(m_removals, {root, m_title, true});
            m_page.measure();
            auto part = write_text(m_page, root);
            if (!text.empty() && !part.empty()) text += "\n\n";
            text += part;
        }
        return {std::move(text), "selector", m_removals.release_reasons()};
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
        remove_frame(m_removals, 1, m_document.size(), strict);
        m_page.measure();
        const auto [root, method] = find_article_root(m_page, m_title);
        m_removals.note(root, std::string("the article's text is here: ") + method);
        remove_clutter(m_removals, {root, m_title, false});
        remove_closing_lines(m_removals, root, m_help.authors);
        m_page.measure();
        auto text = with_beside(write_text(m_page, root), root);
        if (auto lead = find_lead(root);
            !lead.empty() && letters_of(text).find(letters_of(lead)) == std::string::npos)
            text = lead + "\n\n" + text;
        return {std::move(text), method, m_removals.release_reasons()};
    }

    // What a page shows twice, for wide and narrow screens, is written once.
    std::string with_beside(std::string text, NodeId root) {
        const auto [before, behind] = write_beside(m_removals, {root, m_title, false});
        if (before.empty() && behind.empty()) return text;
        const auto letters = letters_of(text);
        const auto is_new = [&](const std::string& part) {
            return !part.empty() && letters.find(letters_of(part)) == std::string::npos;
        };
        if (is_new(behind)) text += (text.empty() ? "" : "\n\n") + behind;
        if (is_new(before)) text = before + (text.empty() ? "" : "\n\n") + text;
        return text;
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
            m_removals.note(id, "a standfirst");
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

    Measured& m_page;
    const Document& m_document;
    const TextHelp& m_help;
    Removals m_removals;
    NodeId m_title;
};
}

MainText find_main_text(Measured& page, const TextHelp& help, bool explain) {
    return Finder(page, help, explain).run();
}
}
