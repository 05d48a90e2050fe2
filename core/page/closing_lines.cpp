#include "core/base/text.hpp"
#include "core/page/phrases.hpp"
#include "core/page/removals.hpp"
#include "core/page/thresholds.hpp"

#include <algorithm>

namespace cti::page {
namespace {
bool is_about_author(std::string_view text, const std::vector<std::string>& authors) {
    return std::ranges::any_of(authors, [&](const std::string& name) {
        if (name.size() < 5 || !istarts_with(text, name)) return false;
        const auto rest = text.substr(name.size(), 40);
        static constexpr std::string_view verbs[] = {
            " is ",  " has ",      " covers ",   " writes ", " was ", " works ", " lives ", " ist ",
            " hat ", " schreibt ", " arbeitet ", " est ",    " es ",  " è ",     " é ",     " jest "};
        return rest.size() < 3 || std::ranges::any_of(verbs, [&](std::string_view verb) {
                   return rest.find(verb) != rest.npos;
               });
    });
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
            (!is_closing_line(text) && !is_prompt(text) && !is_about_author(text, authors)))
            return;
        removals.remove(id, "a closing line");
    }
}
}
