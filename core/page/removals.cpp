#include "core/page/removals.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::page {
// The element and four around it, outermost first: "body > div#main > article.post > p".
std::string Removals::path_of(NodeId id) const {
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

void Removals::note(NodeId id, std::string_view why) {
    constexpr std::size_t k_max_reasons = 2000;
    if (!m_explain || m_reasons.size() > k_max_reasons) return;
    m_reasons.push_back(
        fmt::format("{}: {}: '{}'", why, path_of(id), head_code_points(m_document.folded_text(id, 400), 80)));
}

void Removals::remove(NodeId id, std::string_view why) {
    if (m_page[id].chars > 0) note(id, why);
    m_page.remove(id);
}
}
