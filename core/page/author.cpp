#include "core/base/text.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>

namespace cti::page {
namespace {
// What stands before a name, in the languages met; longest first.
constexpr std::string_view k_before[] = {"written and edited by",
                                         "story by",
                                         "words by",
                                         "article by",
                                         "written by",
                                         "posted by",
                                         "published by",
                                         "reported by",
                                         "reviewed by",
                                         "authored by",
                                         "edited by",
                                         "contributed by",
                                         "geschrieben von",
                                         "veröffentlicht von",
                                         "ein artikel von",
                                         "ein beitrag von",
                                         "author:",
                                         "authors:",
                                         "autor:",
                                         "autorin:",
                                         "autoren:",
                                         "auteur :",
                                         "auteur:",
                                         "redaktion:",
                                         "text:",
                                         "by:",
                                         "by",
                                         "von:",
                                         "von",
                                         "por:",
                                         "por",
                                         "par",
                                         "di",
                                         "door",
                                         "af",
                                         "av",
                                         "autor",
                                         "author",
                                         "écrit par",
                                         "escrito por"};
// A name ends before these.
constexpr std::string_view k_behind[] = {" | ",
                                         " – ",
                                         " — ",
                                         " - ",
                                         " · ",
                                         " • ",
                                         " @",
                                         " updated",
                                         " published",
                                         " posted on",
                                         " on ",
                                         " am ",
                                         " in ",
                                         " for ",
                                         "follow",
                                         " / ",
                                         " (",
                                         "\t",
                                         " read more",
                                         ", updated",
                                         " vom ",
                                         " um ",
                                         "about the author",
                                         " view all",
                                         " more from",
                                         " contributor",
                                         " staff writer",
                                         " senior ",
                                         " editor"};

bool has_digit(std::string_view text) { return std::ranges::any_of(text, is_ascii_digit); }

std::string_view without_lead(std::string_view name) {
    for (bool again = true; again;) {
        again = false;
        for (const auto word : k_before) {
            if (!istarts_with(name, word) || name.size() <= word.size()) continue;
            const char next = name[word.size()];
            if (word.back() != ':' && next != ' ' && next != ':') continue;
            name = trim(name.substr(word.size()));
            while (name.starts_with(':')) name = trim(name.substr(1));
            again = true;
        }
    }
    return name;
}

// How far what was found may be trusted to be a name and nothing else.
enum class Trust {
    field,  // of the metadata: all of it is names
    markup, // an element named as byline: roles and dates stand beside the name
};

// "MD", "Ph.D.", "CISSP": what stands behind a name and is none.
bool is_credential(std::string_view word) {
    if (word.size() > 7 || word.size() < 2) return false;
    const auto letters = std::ranges::count_if(word, is_ascii_alpha);
    const auto capitals = std::ranges::count_if(word, [](char c) { return c >= 'A' && c <= 'Z'; });
    return capitals >= 2 && capitals * 2 >= letters && word.find(' ') == word.npos &&
           (capitals == letters || word.find('.') != word.npos);
}

bool is_role(std::string_view text) {
    static constexpr std::string_view roles[] = {
        "expert",        "editor",      "officer",     "director",   "manager",  "writer",  "reporter",
        "correspondent", "contributor", "specialist",  "analyst",    "head of",  "chief ",  "president",
        "founder",       "educator",    "coordinator", "researcher", "engineer", "senior ", "staff"};
    const auto lower = ascii_lower(text);
    return std::ranges::any_of(roles,
                               [&](std::string_view role) { return lower.find(role) != std::string::npos; });
}

std::string_view without_marks(std::string_view name) {
    static constexpr std::string_view marks[] = {",",  ";", ":", "|", "-", "/", "@",
                                                 "\"", "*", "·", "•", "–", "—"};
    while (true) {
        name = trim(name);
        const auto* const before =
            std::ranges::find_if(marks, [&](std::string_view mark) { return name.starts_with(mark); });
        if (before != std::end(marks)) name.remove_prefix(before->size());
        const auto* const behind =
            std::ranges::find_if(marks, [&](std::string_view mark) { return name.ends_with(mark); });
        if (behind != std::end(marks)) name.remove_suffix(behind->size());
        if (before == std::end(marks) && behind == std::end(marks)) return name;
    }
}

bool is_nobody(std::string_view name) {
    static constexpr std::string_view nobody[] = {"admin",
                                                  "administrator",
                                                  "author",
                                                  "the author",
                                                  "about the author",
                                                  "guest",
                                                  "staff",
                                                  "unknown",
                                                  "anonymous",
                                                  "editor",
                                                  "webmaster",
                                                  "user",
                                                  "share",
                                                  "comments",
                                                  "null",
                                                  "undefined",
                                                  "none",
                                                  "n/a",
                                                  "autor",
                                                  "redaktion",
                                                  "written by",
                                                  "posted by",
                                                  "about",
                                                  "last",
                                                  "home",
                                                  "profile",
                                                  "by"};
    const auto lower = ascii_lower(name);
    if (std::ranges::find(nobody, std::string_view(lower)) != std::end(nobody)) return true;
    return lower.starts_with("about ") || lower.starts_with("more ") || lower.starts_with("read more") ||
           lower.starts_with("view ") || lower.starts_with("see ");
}

// One name out of what stands there, or "" where it is none.
std::string cleaned_name(std::string_view raw, Trust trust) {
    auto name = without_lead(trim(raw));
    const auto lower = ascii_lower(name);
    auto end = name.size();
    if (const auto at = lower.find(" | "); at != std::string::npos) end = at;
    if (trust == Trust::markup) {
        for (const auto mark : k_behind) {
            if (const auto at = lower.find(mark); at != std::string::npos && at > 0) end = std::min(end, at);
        }
    }
    name = without_marks(name.substr(0, end));
    for (auto space = name.rfind(' ');
         space != name.npos && is_credential(name.substr(space + 1)) && std::ranges::count(name, ' ') >= 2;
         space = name.rfind(' '))
        name = without_marks(name.substr(0, space));
    if (name.size() < 2 || name.size() > 80 || (has_digit(name) && trust == Trust::markup)) return {};
    if (name.find("://") != name.npos || name.find('@') != name.npos || istarts_with(name, "www.") ||
        name.find_first_of("<>{}[]") != name.npos)
        return {};
    if (std::ranges::count(name, ' ') > (trust == Trust::field ? 7 : 4) || is_nobody(name)) return {};
    if (trust == Trust::markup && name.front() >= 'a' && name.front() <= 'z') return {};
    if (trust == Trust::field && name.find(' ') == name.npos && name.find('.') != name.npos &&
        name.find_first_of("/_") != name.npos)
        return {};
    return std::string(name);
}

// Several names in one text: "A, B and C".
void add_names(std::string_view text, Trust trust, std::vector<std::string>& names) {
    constexpr std::size_t k_max_names = 20;
    text = without_lead(trim(text));
    if (const auto bar = text.find(" | "); bar != text.npos && trust == Trust::field)
        text = text.substr(0, bar); // What follows is the house.
    const auto lower = ascii_lower(text);
    for (std::size_t pos = 0; pos < text.size();) {
        std::size_t end = text.size(), skip = 0;
        for (const std::string_view mark :
             {", ", ",", "; ", ";", " and ", " und ", " & ", " et ", " y ", " / "}) {
            if (const auto at = lower.find(mark, pos); at != std::string::npos && at < end) {
                end = at;
                skip = mark.size();
            }
        }
        auto part = trim(text.substr(pos, end - pos));
        if (istarts_with(part, "and ")) part = part.substr(4);
        auto name = cleaned_name(part, trust);
        const bool is_more = !names.empty() && (is_credential(name) || is_role(name));
        if (!name.empty() && !is_more && names.size() < k_max_names &&
            std::ranges::find(names, name) == names.end())
            names.push_back(std::move(name));
        pos = end + skip;
    }
}

class Authors {
public:
    explicit Authors(const Facts& facts) : m_facts(facts), m_document(*facts.document) {}

    FoundAuthors choose() {
        m_site = letters_of(find_site_name(m_facts).value);
        by_metadata();
        if (!m_found.names.empty() && !is_only_house()) return without_house();
        const auto house = m_found;
        m_found = {};
        by_markup();
        if (m_found.names.empty()) m_found = house;
        return without_house();
    }

private:
    // The house instead of a person, as templates put it where no author was entered.
    bool is_house(const std::string& name) const {
        const auto letters = letters_of(name);
        return !letters.empty() && (letters == m_site || name.ends_with(".com"));
    }
    bool is_only_house() const {
        return std::ranges::all_of(m_found.names, [&](const std::string& name) { return is_house(name); });
    }
    FoundAuthors without_house() {
        if (!is_only_house())
            std::erase_if(m_found.names, [&](const std::string& name) { return is_house(name); });
        return m_found;
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
        if (iequals(m_facts.meta({"twitter:label1"}), "written by"))
            add_names(m_facts.meta({"twitter:data1"}), Trust::field, m_found.names);
        done("twitter");
    }

    bool done(const char* source) {
        if (m_found.names.empty()) return false;
        m_found.source = source;
        return true;
    }

    // itemprop and rel say it outright; then names of elements; then the words of a short line.
    void by_markup() {
        enum Rank { itemprop, rel, named, words, ranks };
        std::vector<std::string> found[ranks];
        const NodeId title = m_facts.headings.empty() ? 0 : m_facts.headings.front();
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.is_text(id)) continue;
            const auto hints = m_facts.hints[id];
            if ((hints & h_comments) != 0 && m_document.element(id) != Element::e_body) {
                id = m_document.end(id) - 1; // Readers have names too.
                continue;
            }
            if (m_document.attribute(id, "itemprop") == "author") {
                add_text(id, found[itemprop]);
            } else if (m_document.attribute(id, "rel") == "author") {
                add_text(id, found[rel]);
            } else if ((hints & h_byline) != 0) {
                if (found[named].empty()) add_text(id, found[named]);
            } else if (found[words].empty() && id > title && !is_inline(m_document.element(id)) &&
                       m_document.end(id) - id < 12) {
                const auto text = m_document.folded_text(id, 120);
                if (istarts_with(text, "by ") || istarts_with(text, "von ") ||
                    istarts_with(text, "written by") || istarts_with(text, "por "))
                    add_text(id, found[words]);
            }
        }
        static constexpr const char* sources[] = {"itemprop", "rel", "byline", "text"};
        for (int rank = 0; rank < ranks && m_found.names.empty(); ++rank) {
            m_found.names = found[rank];
            if (!m_found.names.empty()) m_found.source = sources[rank];
        }
    }

    void add_text(NodeId id, std::vector<std::string>& names) {
        constexpr int k_max_candidates = 200;
        if (++m_candidates > k_max_candidates) return;
        const auto text = m_document.folded_text(id, 300);
        if (text.empty() || text.size() > 200) return;
        add_names(text, Trust::markup, names);
    }

    const Facts& m_facts;
    const Document& m_document;
    std::string m_site;
    int m_candidates = 0;
    FoundAuthors m_found;
};
}

FoundAuthors find_authors(const Facts& facts) { return Authors(facts).choose(); }

std::vector<std::string> names_in(std::string_view byline) {
    std::vector<std::string> names;
    add_names(byline, Trust::markup, names);
    return names;
}
}
