#include "core/page/page.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/page/main_text.hpp"
#include "core/page/metadata.hpp"

namespace cti::page {

Page extract(std::string_view bytes, const PageOptions& options) {
    Page page;
    Decoded decoded;
    decode(bytes, options.content_type, decoded);
    const auto prepared = prepare(decoded.text);
    auto [document, warning] = parse_html(prepared);
    if (!warning.empty()) page.warnings.push_back(warning);
    if (!decoded.warning.empty()) page.warnings.push_back(decoded.warning);
    page.encoding = decoded.encoding;
    const auto facts = gather(document, prepared.json_ld, options.url);
    page.title = find_title(facts);
    page.site_name = find_site_name(facts);
    page.description = find_description(facts);
    page.language = find_language(facts);
    page.canonical_url = find_canonical(facts);
    auto [authors, authors_source] = find_authors(facts);
    page.authors = std::move(authors);
    page.authors_source = std::move(authors_source);
    auto dates = find_dates(facts);
    page.published = std::move(dates.published);
    page.modified = std::move(dates.modified);
    Measured measured(document);
    TextHelp help{page.title.value, page.description.value, page.authors, facts.structured.body, {}};
    auto text = find_main_text(measured, help, options.explain);
    page.text = std::move(text.text);
    page.method = std::move(text.method);
    page.reasons = std::move(text.reasons);
    return page;
}
}
