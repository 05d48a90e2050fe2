#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/author_names.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr std::size_t k_min_house = 6; // letters; shorter names begin people's names too
constexpr NodeId k_beside = 60;        // nodes: a byline of several, each with a picture and a link

class Authors {
public:
    explicit Authors(const Facts& facts) : m_facts(facts), m_document(*facts.document) {}

    FoundAuthors choose() {
        learn_houses();
        by_metadata();
        if (!m_found.names.empty() && !is_only_house()) return without_house();
        const auto house = m_found;
        m_found = {};
        by_markup();
        if (m_found.names.empty() || (!house.names.empty() && is_only_house())) m_found = house;
        return without_house();
    }

private:
    // The house instead of a person, as templates put it where no author was entered.
    bool is_house(const std::string& name) const {
        static constexpr std::string_view tops[] = {".com", ".de", ".net", ".org", ".co.uk"};
        static constexpr std::string_view nobodies[] = {"redaktion",      "dieredaktion", "editorialteam",
                                                        "editorialstaff", "newsroom",     "newsdesk",
                                                        "redaction",      "redacción"};
        const auto letters = letters_of(name);
        if (letters.empty()) return false;
        for (const auto& house : m_houses) {
            if (letters == house || (house.size() >= k_min_house && letters.starts_with(house))) return true;
        }
        return name.find("www.") != name.npos ||
               std::ranges::any_of(tops, [&](std::string_view top) { return name.ends_with(top); }) ||
               std::ranges::find(nobodies, std::string_view(letters)) != std::end(nobodies);
    }
    bool is_only_house() const {
        return std::ranges::all_of(m_found.names, [&](const std::string& name) { return is_house(name); });
    }
    FoundAuthors without_house() {
        if (!is_only_house())
            std::erase_if(m_found.names, [&](const std::string& name) { return is_house(name); });
        for (auto& name : m_found.names) take_house_off(name);
        return m_found;
    }

    // "Example Daily - Ada Meyer", either way round.
    void take_house_off(std::string& name) const {
        const auto dash = name.find(" - ");
        if (dash == name.npos) return;
        const auto before = name.substr(0, dash), behind = name.substr(dash + 3);
        if (is_house(before) != is_house(behind)) name = is_house(before) ? behind : before;
    }

    // What the site calls itself, and its host without "www" and what stands after the name.
    void learn_houses() {
        auto host = std::string_view(split_url(m_facts.url).host);
        if (host.starts_with("www.")) host.remove_prefix(4);
        host = host.substr(0, host.find('.'));
        for (const auto& name :
             {find_site_name(m_facts).value, m_facts.structured.site_name, std::string(host)}) {
            auto letters = letters_of(name);
            if (letters.size() >= 2) m_houses.push_back(std::move(letters));
        }
    }

    void by_metadata() {
        // A list in the page's own words is taken apart; one name may hold "and".
        for (const auto& name : m_facts.structured.authors) add_names(name, Trust::field, m_found.names);
        if (done("json-ld")) return;
        for (const std::string_view name :
             {"author", "parsely-author", "sailthru.author", "byl", "article:author", "dc.creator",
              "dcterms.creator", "og:article:author", "article.author", "citation_author",
              "cxenseparse:author", "authors"}) {
            add_names(m_facts.meta({name}), Trust::field, m_found.names);
            if (done("meta")) return;
        }
        if (is_author_label(m_facts.meta({"twitter:label1"})))
            add_names(m_facts.meta({"twitter:data1"}), Trust::field, m_found.names);
        done("twitter");
    }

    bool done(const char* source) {
        if (m_found.names.empty()) return false;
        m_found.source = source;
        return true;
    }

    // "Written by", as the site's language has it; "Est. reading time" stands in the same field elsewhere.
    static bool is_author_label(std::string_view label) {
        static constexpr std::string_view labels[] = {
            "written by",      "verfasst von",   "geschrieben von", "escrito por", "écrit par", "scritto da",
            "geschreven door", "napisane przez", "posted by",       "author",      "autor",     "автор"};
        const auto lower = ascii_lower(trim(label));
        return std::ranges::find(labels, std::string_view(lower)) != std::end(labels);
    }

    // itemprop and rel say it outright; then names of elements; then links to a page about the author; then
    // the words of a short line.
    void by_markup() {
        enum Rank { itemprop, rel, named, link, words, label, ranks };
        std::vector<std::string> found[ranks];
        NodeId first[ranks] = {};
        const NodeId title = m_facts.headings.empty() ? 0 : m_facts.headings.front();
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.is_text(id)) continue;
            const auto hints = m_facts.hints[id];
            if ((hints & h_comments) != 0 && m_document.element(id) != Element::e_body) {
                id = m_document.end(id) - 1; // Readers have names too.
                continue;
            }
            // A second name counts where it stands beside the first: further down are other articles'.
            const auto collect = [&](Rank rank) {
                if (!found[rank].empty() && id > first[rank] + k_beside) return;
                if (rank == link ? add_link(id, found[rank]) : add_text(id, found[rank]);
                    !found[rank].empty() && first[rank] == 0)
                    first[rank] = id;
            };
            if (m_document.attribute(id, "itemprop") == "author") {
                collect(itemprop);
            } else if (m_document.attribute(id, "rel") == "author") {
                collect(rel);
            } else if ((hints & h_byline) != 0) {
                if (found[named].empty()) add_byline(id, found[named]);
            } else if (m_document.element(id) == Element::e_a) {
                if (id > title && is_author_address(m_document.attribute(id, "href"))) collect(link);
            } else if (id > title && !is_inline(m_document.element(id)) && m_document.end(id) - id < 12) {
                if (found[words].empty() && starts_like_byline(id)) add_text(id, found[words]);
                if (found[label].empty() && is_byline_label(id)) add_next_text(id, found[label]);
            }
        }
        static constexpr const char* sources[] = {"itemprop", "rel", "byline", "link", "text", "text"};
        for (int rank = 0; rank < ranks && m_found.names.empty(); ++rank) {
            m_found.names = found[rank];
            if (!m_found.names.empty()) m_found.source = sources[rank];
        }
    }

    static bool is_author_address(std::string_view address) {
        static constexpr std::string_view parts[] = {"/author/", "/authors/", "/autor/", "/autoren/",
                                                     "/auteur/", "?author=",  "_author="};
        return std::ranges::any_of(parts,
                                   [&](std::string_view part) { return address.find(part) != address.npos; });
    }

    bool starts_like_byline(NodeId id) const {
        static constexpr std::string_view starts[] = {
            "by ",    "by: ",   "von ",         "written by",   "por ",           "par ",
            "autor:", "autor ", "autorin:",     "author:",      "auteur",         "text:",
            "door ",  "автор:", "erstellt von", "verfasst von", "gespeichert von"};
        const auto text = m_document.folded_text(id, 120);
        if (text.size() < 80 && is_ascii_digit(text.empty() ? ' ' : text[0]) &&
            behind_date(text).size() < text.size())
            return true;
        return std::ranges::any_of(starts, [&](std::string_view start) { return istarts_with(text, start); });
    }

    // The word alone; the name stands in the next element.
    bool is_byline_label(NodeId id) const {
        static constexpr std::string_view labels[] = {
            "by",        "by:", "written by", "written by:", "article by", "author", "author:", "authors",
            "author(s)", "von", "autor",      "autor:",      "autorin",    "por",    "auteur"};
        if (m_document.end(id) - id > 3) return false;
        const auto lower = ascii_lower(m_document.folded_text(id, 20));
        return std::ranges::find(labels, std::string_view(lower)) != std::end(labels);
    }

    void add_next_text(NodeId label, std::vector<std::string>& names) {
        const auto end = std::min(m_document.size(), m_document.end(label) + 8);
        for (NodeId id = m_document.end(label); id < end; ++id) {
            if (!m_document.is_text(id) || trim(m_document.text(id)).empty()) continue;
            if (m_document.text(id).size() < 60) add_names(m_document.text(id), Trust::markup, names);
            return;
        }
    }

    // Of a byline the link to its author, or what the hCard format names as the name; else its words.
    void add_byline(NodeId id, std::vector<std::string>& names) {
        for (NodeId at = id; at < m_document.end(id); ++at) {
            if (m_document.is_text(at)) continue;
            const bool is_card = (" " + std::string(m_document.attribute(at, "class")) + " ").find(" fn ") !=
                                 std::string::npos;
            const bool is_link = m_document.element(at) == Element::e_a &&
                                 (m_document.attribute(at, "rel") == "author" ||
                                  is_author_address(m_document.attribute(at, "href")));
            if ((is_card || is_link) && add_link(at, names)) return;
        }
        add_text(id, names);
    }

    // What is linked to the author's page is the name, nicknames in small letters too; "More by …" is not.
    bool add_link(NodeId id, std::vector<std::string>& names) {
        const auto text = m_document.folded_text(id, 100);
        const auto before = names.size();
        if (text.size() < 60 && std::ranges::count(text, ' ') < 5) add_names(text, Trust::field, names);
        return names.size() > before;
    }

    bool add_text(NodeId id, std::vector<std::string>& names) {
        constexpr int k_max_candidates = 200;
        if (++m_candidates > k_max_candidates) return false;
        const auto text = m_document.folded_text(id, 300);
        if (text.empty() || text.size() > 200) return false;
        add_names(text, Trust::markup, names);
        return !names.empty();
    }

    const Facts& m_facts;
    const Document& m_document;
    std::vector<std::string> m_houses; // letters only
    int m_candidates = 0;
    FoundAuthors m_found;
};
}

FoundAuthors find_authors(const Facts& facts) { return Authors(facts).choose(); }
}
