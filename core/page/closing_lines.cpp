#include "core/base/text.hpp"
#include "core/page/phrases.hpp"
#include "core/page/removals.hpp"
#include "core/page/thresholds.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr std::uint32_t k_max_biography = 1500; // of several authors; a report's section is longer

// The report's own subject, whatever heading it stands below.
bool tells_of_actor(std::string_view text) {
    static constexpr std::string_view words[] = {
        "threat actor",       "threat group",     "ransomware",      "malware author",   "apt group",
        "cybercrim",          "hacking group",    "state-sponsored", "bedrohungsakteur", "hackergruppe",
        "acteur malveillant", "grupo de amenaza", "группировк",      "хакерск",          "злоумышленник"};
    const auto lower = ascii_lower(text.substr(0, 160));
    return std::ranges::any_of(words, [&](std::string_view word) {
        const auto at = lower.find(word);
        return at != lower.npos && lower.rfind(" who ", at) == lower.npos;
    });
}

// A heading alone in its box: the text stands behind the box.
NodeId box_of(const Measured& page, NodeId root, NodeId heading) {
    const auto& document = page.document();
    for (auto at = heading;;) {
        const auto parent = document.parent(at);
        if (parent == k_no_node || at == root) return heading;
        for (auto next = document.end(at); next < document.end(parent); next = document.end(next))
            if (page[next].chars > 0 && !page.is_removed(next)) return at;
        if (parent == root) return at;
        at = parent;
    }
}
}

bool is_biography(std::string_view text, const std::vector<std::string>& authors) {
    if (tells_of_actor(text)) return false;
    static constexpr std::string_view verbs[] = {" is ",
                                                 " has ",
                                                 " covers ",
                                                 " writes ",
                                                 " was ",
                                                 " works ",
                                                 " lives ",
                                                 " joined ",
                                                 " leads ",
                                                 " spent ",
                                                 " holds ",
                                                 " serves ",
                                                 " tracks ",
                                                 " focuses ",
                                                 " researches ",
                                                 " specialises ",
                                                 " specializes ",
                                                 " ist ",
                                                 " hat ",
                                                 " schreibt ",
                                                 " arbeitet ",
                                                 " leitet ",
                                                 " est ",
                                                 " travaille ",
                                                 " es ",
                                                 " trabaja ",
                                                 " è ",
                                                 " lavora ",
                                                 " é ",
                                                 " trabalha ",
                                                 " werkt ",
                                                 " schrijft ",
                                                 " jest ",
                                                 " pracuje ",
                                                 " является ",
                                                 " работает ",
                                                 " пишет ",
                                                 " — ",
                                                 "は",
                                                 "氏は",
                                                 "是",
                                                 "은 ",
                                                 "는 ",
                                                 "（"};
    return std::ranges::any_of(authors, [&](const std::string& name) {
        if (name.size() < 5 || !istarts_with(text, name)) return false;
        const auto rest = text.substr(name.size(), 40);
        return rest.size() < 3 || std::ranges::any_of(verbs, [&](std::string_view verb) {
                   return static_cast<unsigned char>(verb[0]) >= 0x80 ? rest.starts_with(verb)
                                                                      : rest.find(verb) != rest.npos;
               });
    });
}

void remove_biography(Removals& removals, NodeId root, NodeId heading) {
    const Measured& page = removals.page();
    const auto& document = page.document();
    const auto box = box_of(page, root, heading);
    const auto parent = document.parent(box);
    std::vector<NodeId> parts;
    std::uint32_t chars = 0;
    for (auto next = document.end(box); next < document.end(parent); next = document.end(next)) {
        const auto element = document.element(next);
        const bool ends = is_heading(element) &&
                          (!is_heading(document.element(heading)) || element <= document.element(heading));
        if (ends) break;
        if (page.is_removed(next)) continue;
        chars += page[next].chars;
        parts.push_back(next);
    }
    removals.remove(heading, "a heading over a biography");
    if (chars > k_max_biography || chars * 2 > page[root].chars) return;
    for (const auto part : parts) {
        const auto text =
            document.is_text(part) ? std::string(document.text(part)) : document.folded_text(part, 600);
        if (!removals.indicators().mentions(part) && !tells_of_actor(text))
            removals.remove(part, "a biography");
    }
}

void remove_closing_lines(Removals& removals, NodeId root, const std::vector<std::string>& authors) {
    const Measured& page = removals.page();
    const auto& document = page.document();
    int lines = 0;
    for (NodeId id = document.end(root); id-- > root + 1 && lines < 8;) {
        const auto& measure = page[id];
        if (page.is_removed(id) || document.is_text(id) || is_inline(document.element(id)) ||
            measure.direct == 0)
            continue;
        ++lines;
        const auto element = document.element(id);
        const bool is_line = element == Element::e_p || element == Element::e_div ||
                             element == Element::e_footer || element == Element::e_section ||
                             is_heading(element);
        if (measure.chars != measure.direct || measure.chars > k_max_closing || !is_line) return;
        const auto text = document.folded_text(id, 1500);
        if (removals.indicators().mentions(id) ||
            (!is_closing_line(text) && !is_prompt(text) && !is_biography(text, authors)))
            return;
        removals.remove(id, "a closing line");
    }
}
}
