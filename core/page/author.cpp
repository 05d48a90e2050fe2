#include "core/base/text.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>

namespace cti::page {
namespace {
// What stands before a name, in the languages met; longest first.
constexpr std::string_view k_before[] = {"written and edited by", "story by", "words by", "article by", "written by", "posted by", "published by", "reported by", "reviewed by",
                                         "authored by", "edited by", "contributed by", "geschrieben von", "veröffentlicht von", "ein artikel von", "ein beitrag von", "author:", "authors:", "autor:", "autorin:",
                                         "autoren:", "auteur :", "auteur:", "redaktion:", "text:", "by:", "by", "von:", "von", "por:", "por", "par", "di", "door", "af", "av", "autor", "author", "écrit par", "escrito por"};
// A name ends before these.
constexpr std::string_view k_behind[] = {" | ", " – ", " — ", " - ", " · ", " • ", " @", " updated", " published", " posted on", " on ", " am ", " in ", " for ", "follow", " / ", " (", "\t", " read more", ", updated", " vom ", " um ", "about the author", " view all", " more from", " contributor", " staff writer", " senior ", " editor"};

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

// One name out of what a byline says, or "" where it is none.
std::string cleaned_name(std::string_view raw) {
    auto name = without_lead(trim(raw));
    const auto lower = ascii_lower(name);
    auto end = name.size();
    for (const auto mark : k_behind) {
        if (const auto at = lower.find(mark); at != std::string::npos && at > 0) end = std::min(end, at);
    }
    name = trim(name.substr(0, end));
    while (!name.empty() && (name.back() == ',' || name.back() == ';' || name.back() == ':' || name.back() == '|' || name.back() == '-' || name.back() == '/')) name = trim(name.substr(0, name.size() - 1));
    while (!name.empty() && (name.front() == ',' || name.front() == '|' || name.front() == '-' || name.front() == '@')) name = trim(name.substr(1));
    if (name.size() < 2 || name.size() > 80 || has_digit(name)) return {};
    if (name.find("://") != name.npos || name.find('@') != name.npos || istarts_with(name, "www.") || name.find('<') != name.npos || name.find('{') != name.npos) return {};
    if (std::ranges::count(name, ' ') > 5) return {};
    static constexpr std::string_view nobody[] = {"admin", "administrator", "author", "guest", "staff", "unknown", "anonymous", "editor", "webmaster", "user", "share", "comments", "null", "undefined", "none", "n/a", "autor", "redaktion"};
    if (std::ranges::find(nobody, std::string_view(ascii_lower(name))) != std::end(nobody)) return {};
    return std::string(name);
}

// Several names in one text: "A, B and C".
void add_names(std::string_view text, std::vector<std::string>& names) {
    constexpr std::size_t k_max_names = 20;
    text = without_lead(trim(text));
    const auto lower = ascii_lower(text);
    for (std::size_t pos = 0; pos < text.size();) {
        std::size_t end = text.size(), skip = 0;
        for (const std::string_view mark : {", ", "; ", ";", " and ", " und ", " & ", " et ", " y ", " | ", " / "}) {
            if (const auto at = lower.find(mark, pos); at != std::string::npos && at < end) {
                end = at;
                skip = mark.size();
            }
        }
        auto name = cleaned_name(text.substr(pos, end - pos));
        if (istarts_with(name, "and ")) name.erase(0, 4);
        if (!name.empty() && names.size() < k_max_names && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
        pos = end + skip;
    }
}

class Authors {
public:
    explicit Authors(const Facts& facts) : m_facts(facts), m_document(*facts.document) {}

    FoundAuthors choose() {
        for (const auto& name : m_facts.structured.authors) add_names(name, m_found.names);
        if (done("json-ld")) return m_found;
        for (const std::string_view name : {"author", "parsely-author", "sailthru.author", "byl", "article:author", "dc.creator", "dcterms.creator", "og:article:author", "article.author", "citation_author", "cxenseparse:author", "authors"}) {
            add_names(m_facts.meta({name}), m_found.names);
            if (done("meta")) return m_found;
        }
        if (iequals(m_facts.meta({"twitter:label1"}), "written by")) add_names(m_facts.meta({"twitter:data1"}), m_found.names);
        if (done("twitter")) return m_found;
        by_markup();
        return m_found;
    }

private:
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
            const auto hints = hints_of(m_document, id);
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
            } else if (found[words].empty() && id > title && !is_inline(m_document.element(id)) && m_document.end(id) - id < 12) {
                const auto text = m_document.folded_text(id, 120);
                if (istarts_with(text, "by ") || istarts_with(text, "von ") || istarts_with(text, "written by") || istarts_with(text, "por ")) add_text(id, found[words]);
            }
        }
        static constexpr const char* sources[] = {"itemprop", "rel", "byline", "text"};
        for (int rank = 0; rank < ranks && m_found.names.empty(); ++rank) {
            m_found.names = found[rank];
            if (!m_found.names.empty()) m_found.source = sources[rank];
        }
    }

    void add_text(NodeId id, std::vector<std::string>& names) const {
        const auto text = m_document.folded_text(id, 300);
        if (text.empty() || text.size() > 200) return;
        add_names(text, names);
    }

    const Facts& m_facts;
    const Document& m_document;
    FoundAuthors m_found;
};
}

FoundAuthors find_authors(const Facts& facts) { return Authors(facts).choose(); }
}
