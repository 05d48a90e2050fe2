#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
constexpr std::string_view k_separators[] = {" | ", " - ", " – ", " — ", " :: ", " » ",
                                             " « ", " • ", " · ", " / ", " ‹ "};

struct Part {
    std::string_view text;
    std::string_view rest; // what stands before it, with separators
};

// The last part after a separator, or an empty one.
Part last_part(std::string_view title) {
    std::size_t at = 0, length = 0;
    for (const auto separator : k_separators) {
        if (const auto found = title.rfind(separator); found != title.npos && (length == 0 || found > at)) {
            at = found;
            length = separator.size();
        }
    }
    return length == 0 ? Part{} : Part{trim(title.substr(at + length)), trim(title.substr(0, at))};
}

Part first_part(std::string_view title) {
    std::size_t at = title.npos, length = 0;
    for (const auto separator : k_separators) {
        if (const auto found = title.find(separator); found < at) {
            at = found;
            length = separator.size();
        }
    }
    return length == 0 ? Part{} : Part{trim(title.substr(0, at)), trim(title.substr(at + length))};
}

class Titles {
public:
    explicit Titles(const Facts& facts) : m_facts(facts) {
        m_site = letters_of(find_site_name(facts).value);
        auto host = split_url(facts.url).host;
        if (istarts_with(host, "www.")) host.remove_prefix(4);
        m_host = letters_of(host);
        m_host_name = letters_of(host.substr(0, host.rfind('.')));
        add(facts.structured.headline, "json-ld");
        add(facts.meta({"og:title"}), "og:title");
        add(facts.meta({"twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"}),
            "meta");
        add(facts.title_tag, "title");
    }

    Found choose() const {
        if (const auto* heading = confirmed_heading(); heading != nullptr) return without_kicker(*heading);
        for (const auto& heading : m_facts.heading_texts) {
            if (!is_site(heading) && letters_of(heading).size() > 2 && !is_boilerplate_line(heading) &&
                m_facts.heading_texts.size() == 1 && shares_words(heading))
                return {heading, "h1"};
        }
        if (auto heading = second_heading(); !heading.value.empty()) return heading;
        for (const auto& [text, letters, source] : m_said) {
            if (!is_site(text)) return {without_site(text), source};
        }
        for (const auto& heading : m_facts.heading_texts) {
            if (letters_of(heading).size() > 2) return {heading, "h1"};
        }
        return m_said.empty() ? Found{} : Found{m_said.front().text, m_said.front().source};
    }

private:
    struct Said {
        std::string text, letters;
        const char* source;
    };

    void add(std::string_view text, const char* source) {
        if (auto letters = letters_of(text); !letters.empty())
            m_said.push_back({std::string(text), std::move(letters), source});
    }

    bool is_site(std::string_view text) const {
        const auto letters = letters_of(text);
        if (letters.empty()) return true;
        return letters == m_site || letters == m_host || letters == m_host_name;
    }

    // How well what the page says elsewhere agrees that the heading is the title.
    int confirmation(const std::string& heading) const {
        const auto letters = letters_of(heading);
        if (letters.size() < 2) return 0;
        int best = 0;
        for (const auto& said : m_said) {
            if (said.letters == letters) best = std::max(best, 4);
            if (is_site(heading)) continue;
            if (said.letters.starts_with(letters) && letters.size() * 4 > said.letters.size())
                best = std::max(best, 3);
            if (letters.size() >= 12 && letters.ends_with(said.letters) && said.letters.size() >= 12)
                best = std::max(best, 3);
            if (letters.starts_with(said.letters) && said.letters.size() >= 12) best = std::max(best, 3);
            if (letters.size() >= 12 && said.letters.find(letters) != std::string::npos)
                best = std::max(best, 2);
        }
        return best;
    }

    // A long word at least, so that the heading of a teaser is not taken for the title of the page.
    bool shares_words(std::string_view heading) const {
        if (m_said.empty()) return true;
        constexpr std::size_t k_long = 4;
        for (const auto word : split(heading, ' ')) {
            const auto letters = letters_of(word);
            if (letters.size() < k_long) continue;
            if (std::ranges::any_of(m_said, [&](const Said& said) {
                    return said.letters.find(letters) != std::string::npos;
                }))
                return true;
        }
        return false;
    }

    const std::string* confirmed_heading() const {
        const std::string* best = nullptr;
        int best_score = 0;
        for (const auto& heading : m_facts.heading_texts) {
            int score = confirmation(heading);
            if (is_site(heading))
                score = std::min(score, 1); // A title that is only the site's name says nothing.
            if (score > best_score) {
                best = &heading;
                best_score = score;
            }
        }
        return best_score >= 2 ? best : nullptr;
    }

    // "Politics | Governor signs law": what json-ld and og:title agree to leave out before the title.
    Found without_kicker(const std::string& heading) const {
        const auto letters = letters_of(heading);
        for (const auto& said : m_said) {
            if (std::string_view(said.source) == "title" || said.letters.size() < 12 ||
                said.letters.size() >= letters.size())
                continue;
            if (letters.ends_with(said.letters) || letters.starts_with(said.letters))
                return {said.text, said.source};
        }
        return {heading, "h1"};
    }

    // Pages that keep h1 for their own name have the title in the next rank.
    Found second_heading() const {
        const auto& document = *m_facts.document;
        int seen = 0;
        for (NodeId id = 0; id < document.size() && seen < 40; ++id) {
            if (document.element(id) != Element::e_h2 && document.element(id) != Element::e_h3) continue;
            ++seen;
            auto text = document.folded_text(id, 1000);
            if (!is_site(text) && letters_of(text).size() >= 8 && confirmation(text) >= 3)
                return {std::move(text), std::string(name_of(document.element(id)))};
        }
        return {};
    }

    std::string without_site(const std::string& text) const {
        std::string_view title = text;
        // "Title - Section - Site": as often as the end is the site, or a short word beside a long title.
        for (int i = 0; i < 3; ++i) {
            const auto [part, rest] = last_part(title);
            if (rest.empty()) break;
            const bool is_short = part.size() * 2 < rest.size() && std::ranges::count(part, ' ') <= 3;
            if (!is_site(part) && !is_short) break;
            title = rest;
        }
        const auto [part, rest] = first_part(title);
        if (!rest.empty() && is_site(part)) title = rest;
        return std::string(title);
    }

    const Facts& m_facts;
    std::string m_site, m_host, m_host_name;
    std::vector<Said> m_said;
};
}

Found find_title(const Facts& facts) { return Titles(facts).choose(); }
}
