#include "core/page/page.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/page/main_text.hpp"

namespace cti::page {

Page extract(std::string_view bytes, const PageOptions& options) {
    Page page;
    Decoded decoded;
    decode(bytes, options.content_type, decoded);
    const auto prepared = prepare(decoded.text);
    auto [document, warning] = parse_html(prepared);
    if (!warning.empty()) page.warnings.push_back(warning);
    page.encoding = decoded.encoding;
    Measured measured(document);
    TextHelp help;
    for (NodeId id = 0; id < document.size(); ++id) {
        if (document.element(id) == Element::e_h1) {
            page.title = {document.folded_text(id, 2000), "h1"};
            break;
        }
    }
    for (NodeId id = 0; id < document.size(); ++id) {
        if (document.element(id) == Element::e_meta && (document.attribute(id, "name") == "description" || document.attribute(id, "property") == "og:description") && help.description.empty())
            help.description = document.attribute(id, "content");
    }
    help.title = page.title.value;
    auto text = find_main_text(measured, help, options.explain);
    page.text = std::move(text.text);
    page.method = std::move(text.method);
    page.reasons = std::move(text.reasons);
    return page;
}
}
