#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/author_names.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>
#include <array>
#include <utility>

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
        if (m_found.names.empty() || are_stand_ins(m_found.names)) {
            const auto stand_in = std::exchange(m_found, {});
            by_markup();
            if (m_found.names.empty() || (!stand_in.names.empty() && !is_better_than(stand_in)))
                m_found = stand_in;
        }
        return complete(without_house());
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
        return is_organisation(name) ||
               std::ranges::any_of(tops, [&](std::string_view top) { return name.ends_with(top); }) ||
               std::ranges::find(nobodies, std::string_view(letters)) != std::end(nobodies);
    }
    // What stands where a person's name is missing.
    bool is_stand_in(const std::string& name) const { return is_house(name) || is_login(name); }

    bool are_houses(const std::vector<std::string>& names) const {
        return std::ranges::all_of(names, [&](const std::string& name) { return is_house(name); });
    }
    bool are_stand_ins(const std::vector<std::string>& names) const {
        return std::ranges::all_of(names, [&](const std::string& name) { return is_stand_in(name); });
    }
    // Instead of a house any person will do; instead of an account only a whole name that the page is sure
    // of.
    bool is_better_than(const FoundAuthors& stand_in) const {
        if (are_houses(stand_in.names)) return !are_houses(m_found.names);
        return std::string_view(m_found.source) != "text" &&
               std::ranges::all_of(m_found.names, [&](const std::string& name) {
                   return name.find(' ') != name.npos && !is_stand_in(name);
               });
    }
    FoundAuthors without_house() {
        if (!are_houses(m_found.names))
            std::erase_if(m_found.names, [&](const std::string& name) { return is_house(name); });
        for (auto& name : m_found.names) take_house_off(name);
        return m_found;
    }

    // "Ada" where her page's box says "Ada Meyer is …": a first name alone is what the account is called.
    FoundAuthors complete(FoundAuthors found) const {
        if (found.names.size() != 1 || found.names[0].find(' ') != std::string::npos) return found;
        auto& name = found.names[0];
        if (!is_capitalised(name)) return found;
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.is_text(id) || (m_facts.hints[id] & h_byline) == 0) continue;
            for (NodeId at = id + 1; at < m_document.end(id); ++at)
                if (const auto whole = whole_name(m_document.text(at), name);
                    m_document.is_text(at) && !whole.empty()) {
                    name = whole;
                    return found;
                }
            id = m_document.end(id) - 1;
        }
        return found;
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
        FoundAuthors stand_in;
        const auto done = [&](const char* source) {
            if (m_found.names.empty()) return false;
            m_found.source = source;
            if (!are_stand_ins(m_found.names)) return true;
            if (stand_in.names.empty()) stand_in = m_found;
            m_found = {};
            return false;
        };
        for (const auto& name : m_facts.structured.authors) add_names(name, Trust::field, m_found.names);
        if (done("json-ld")) return;
        for (const std::string_view name :
             {"author", "parsely-author", "sailthru.author", "byl", "article:author", "dc.creator",
              "dcterms.creator", "og:article:author", "article.author", "citation_author",
              "cxenseparse:author", "authors"}) {
            // Of papers each author has a field of its own.
            for (const auto& [key, content] : m_facts.metas)
                if (key == name && (m_found.names.empty() || name == "citation_author"))
                    add_names(content, Trust::field, m_found.names);
            if (done("meta")) return;
        }
        if (is_author_label(m_facts.meta({"twitter:label1"})))
            add_names(m_facts.meta({"twitter:data1"}), Trust::field, m_found.names);
        if (!done("twitter")) m_found = stand_in;
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
    enum Rank { itemprop, rel, named, link, stated, words, label, ranks };

    void by_markup() {
        const NodeId title = m_facts.headings.empty() ? 0 : m_facts.headings.front();
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.is_text(id)) continue;
            if (m_facts.beside[id] ||
                ((m_facts.hints[id] & h_comments) != 0 && m_document.element(id) != Element::e_body))
                id = m_document.end(id) - 1; // Readers and other articles have names too.
            else
                look_at(id, id > title);
        }
        static constexpr const char* sources[] = {"itemprop", "rel",  "byline", "link",
                                                  "text",     "text", "text"};
        std::size_t best = 0;
        while (best < ranks && m_ranked[best].empty()) ++best;
        if (best == ranks) return;
        // Beside a house the words that state an author tell of a person.
        if (are_houses(m_ranked[best]) && !m_ranked[stated].empty()) best = stated;
        m_found = {m_ranked[best], sources[best]};
    }

    void look_at(NodeId id, bool is_below_title) {
        if (m_document.attribute(id, "itemprop") == "author") {
            collect(id, itemprop);
        } else if (m_document.attribute(id, "rel") == "author") {
            collect(id, rel);
        } else if ((m_facts.hints[id] & h_byline) != 0) {
            auto& names = m_ranked[named];
            if (names.empty() && m_document.element(id) != Element::e_h1) add_byline(id, names);
            std::erase_if(names, [&](const std::string& name) { return begins_title(name); });
        } else if (is_account(id)) {
            if (m_ranked[named].empty()) add_link(id, m_ranked[named]);
        } else if (m_document.element(id) == Element::e_a) {
            if (is_below_title && is_author_address(m_document.attribute(id, "href"))) collect(id, link);
        } else if (is_below_title && m_document.end(id) - id < 12) {
            look_at_words(id);
        }
    }

    void look_at_words(NodeId id) {
        if (!may_be_byline(first_text(id))) return;
        const bool is_block = !is_inline(m_document.element(id));
        const auto text = m_document.folded_text(id, 120);
        const bool is_dated = begins_with_date(text);
        if ((is_dated || (is_block && starts_like_byline(text))) && m_ranked[words].empty())
            add_words(id, is_dated, m_ranked[words]);
        if (is_block && m_ranked[stated].empty() && states_author(text))
            add_words(id, is_dated, m_ranked[stated]);
        if (m_ranked[label].empty() && m_document.end(id) - id <= 3 && is_byline_label(text))
            add_next_text(id, m_ranked[label]);
    }

    std::string_view first_text(NodeId id) const {
        for (NodeId at = id + 1; at < m_document.end(id); ++at)
            if (const auto text = m_document.is_text(at) ? trim(m_document.text(at)) : std::string_view();
                !text.empty())
                return text;
        return {};
    }

    // By its first two bytes: nearly all elements are sorted out before their text is put together.
    static bool may_be_byline(std::string_view text) {
        static constexpr std::string_view heads[] = {"| ", "ar", "au", "by",       "do",      "er",
                                                     "es", "ge", "pa", "po",       "sc",      "te",
                                                     "ve", "vo", "wr", "\xC3\xA9", "\xD0\xB0"};
        if (text.size() < 2) return false;
        if (is_ascii_digit(text[0])) return true;
        return std::ranges::any_of(heads, [&](std::string_view head) { return istarts_with(text, head); });
    }

    // A second name counts where it stands beside the first: further down are other articles'.
    void collect(NodeId id, Rank rank) {
        auto& names = m_ranked[rank];
        auto& first = m_first[rank];
        if (!names.empty() && id > first + k_beside) return;
        rank == link ? add_link(id, names) : add_text(id, names);
        if (!names.empty() && first == 0) first = id;
    }

    // "Yellow Vests" of "Yellow Vests and I": the title stands in an element that is called after the author.
    bool begins_title(const std::string& name) const {
        return std::ranges::any_of(m_facts.heading_texts, [&](const std::string& title) {
            return title.size() > name.size() + 3 && title.starts_with(name) && title[name.size()] == ' ';
        });
    }

    // "Gespeichert von <span class="username">rasos</span>"
    bool is_account(NodeId id) const {
        return is_inline(m_document.element(id)) && m_document.attribute(id, "class") == "username";
    }

    static bool is_author_address(std::string_view address) {
        static constexpr std::string_view parts[] = {"/author/", "/authors/", "/autor/", "/autoren/",
                                                     "/auteur/", "?author=",  "_author="};
        return std::ranges::any_of(parts,
                                   [&](std::string_view part) { return address.find(part) != address.npos; });
    }

    // "06.11.2023 13:30 von Olga"
    static bool begins_with_date(std::string_view text) {
        return text.size() < 80 && is_ascii_digit(text.empty() ? ' ' : text[0]) &&
               behind_date(text).size() < text.size();
    }

    static bool starts_like_byline(std::string_view text) {
        static constexpr std::string_view starts[] = {
            "by ",    "by: ",   "von ",         "written by",   "por ",           "par ",
            "autor:", "autor ", "autorin:",     "author:",      "auteur",         "text:",
            "door ",  "автор:", "erstellt von", "verfasst von", "gespeichert von"};
        return std::ranges::any_of(starts, [&](std::string_view start) { return istarts_with(text, start); });
    }

    // What no sentence begins with.
    static bool states_author(std::string_view text) {
        static constexpr std::string_view starts[] = {
            "written by",      "autor:",      "autorin:",  "author:",   "verfasst von",
            "geschrieben von", "escrito por", "écrit par", "scritto da"};
        return std::ranges::any_of(starts, [&](std::string_view start) { return istarts_with(text, start); });
    }

    // The word alone; the name stands in the next element.
    static bool is_byline_label(std::string_view text) {
        static constexpr std::string_view labels[] = {
            "by",        "by:", "written by", "written by:", "article by", "author", "author:", "authors",
            "author(s)", "von", "autor",      "autor:",      "autorin",    "por",    "auteur"};
        if (text.starts_with("| ")) text.remove_prefix(2);
        const auto lower = ascii_lower(text);
        return std::ranges::find(labels, std::string_view(lower)) != std::end(labels);
    }

    // Sentences begin with "by" and "von" too: a person has two names at least.
    void add_words(NodeId id, bool is_dated, std::vector<std::string>& names) {
        std::vector<std::string> found;
        add_text(id, found);
        if (is_dated || std::ranges::any_of(found, is_whole_name)) names = std::move(found);
    }

    void add_next_text(NodeId id_of_label, std::vector<std::string>& names) {
        const auto end = std::min(m_document.size(), m_document.end(id_of_label) + 8);
        for (NodeId id = m_document.end(id_of_label); id < end; ++id) {
            if (!m_document.is_text(id) || trim(m_document.text(id)).empty()) continue;
            const auto text = trim(m_document.text(id));
            if (text.size() < 60) add_names(text, Trust::markup, names);
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
    std::array<std::vector<std::string>, ranks> m_ranked; // what the markup says, by how sure it is
    std::array<NodeId, ranks> m_first{};
    FoundAuthors m_found;
};
}

FoundAuthors find_authors(const Facts& facts) { return Authors(facts).choose(); }
}
