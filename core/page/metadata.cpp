#include "core/page/metadata.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/phrases.hpp"
#include "core/page/same_page.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr std::size_t k_max_metas = 500;
constexpr std::size_t k_max_headings = 50;
constexpr std::size_t k_max_times = 500;
constexpr std::size_t k_max_title = 1000;

void gather_meta(const Document& document, NodeId id, Facts& facts) {
    if (facts.metas.size() >= k_max_metas) return;
    const auto content = document.attribute(id, "content");
    if (content.empty()) return;
    for (const std::string_view name : {"property", "name", "itemprop", "http-equiv"}) {
        if (const auto value = document.attribute(id, name); !value.empty())
            facts.metas.emplace_back(ascii_lower(trim(value)), fold_space(content));
    }
}
}

namespace {
// A box of the whole page, or with its title, is none of other articles, whatever its name.
bool is_small_box(const Facts& facts, NodeId box) {
    const auto& document = *facts.document;
    const auto element = document.element(box);
    return element != Element::e_body && element != Element::e_html && element != Element::e_main &&
           (document.end(box) - box) * 2 < document.size() + 40 &&
           std::ranges::none_of(facts.headings, [&](NodeId title) { return document.contains(box, title); });
}

// "Related", first of its box: other articles with their days and authors stand below.
NodeId box_below(const Facts& facts, NodeId heading) {
    const auto& document = *facts.document;
    for (auto box = document.parent(heading); box != k_no_node; box = document.parent(box)) {
        const auto element = document.element(box);
        if (element == Element::e_article || !is_small_box(facts, box)) break;
        for (auto id = box + 1; id < heading; ++id)
            if (document.is_text(id) && !trim(document.text(id)).empty()) return k_no_node;
        if (element == Element::e_aside || element == Element::e_section || element == Element::e_div)
            return box;
    }
    return k_no_node;
}

void mark_beside(Facts& facts) {
    const auto& document = *facts.document;
    facts.beside.assign(document.size(), false);
    const auto mark = [&](NodeId box) {
        std::fill(facts.beside.begin() + box, facts.beside.begin() + document.end(box), true);
    };
    for (NodeId id = 0; id < document.size(); ++id) {
        if (document.is_text(id)) continue;
        if ((facts.hints[id] & h_others) != 0 && is_small_box(facts, id)) mark(id);
        if (!is_heading(document.element(id)) || document.element(id) == Element::e_h1) continue;
        const auto heading = document.folded_text(id, 100);
        if (!is_boilerplate_heading(heading) && !(announces_links(heading) && is_prompt(heading))) continue;
        if (const auto box = box_below(facts, id); box != k_no_node) mark(box);
    }
}
}

std::string_view Facts::meta(std::initializer_list<std::string_view> names) const {
    for (const auto wanted : names) {
        for (const auto& [name, content] : metas) {
            if (name == wanted && !content.empty()) return content;
        }
    }
    return {};
}

Facts gather(const Document& document, const std::vector<std::string_view>& json_ld, std::string_view url) {
    Facts facts;
    facts.document = &document;
    facts.url = url;
    facts.hints.resize(document.size());
    for (NodeId id = 0; id < document.size(); ++id) {
        if (!document.is_text(id)) facts.hints[id] = hints_of(document, id);
        switch (document.element(id)) {
        case Element::e_html: facts.language = document.attribute(id, "lang"); break;
        case Element::e_meta: gather_meta(document, id, facts); break;
        case Element::e_title:
            if (facts.title_tag.empty()) facts.title_tag = document.folded_text(id, k_max_title);
            break;
        case Element::e_link:
            if (facts.canonical.empty() && iequals(trim(document.attribute(id, "rel")), "canonical"))
                facts.canonical = document.attribute(id, "href");
            break;
        case Element::e_h1:
            if (facts.headings.size() >= k_max_headings) break;
            if (auto text = document.folded_text(id, k_max_title); !text.empty()) {
                facts.headings.push_back(id);
                facts.heading_texts.push_back(std::move(text));
            }
            break;
        case Element::e_time:
            if (facts.times.size() < k_max_times) facts.times.push_back(id);
            break;
        default: break;
        }
    }
    mark_beside(facts);
    facts.structured =
        read_json_ld(json_ld, !facts.canonical.empty() ? std::string_view(facts.canonical) : url);
    return facts;
}

Found find_site_name(const Facts& facts) {
    if (const auto name = facts.meta({"og:site_name", "application-name"}); !name.empty())
        return {std::string(name), "og:site_name"};
    if (!facts.structured.site_name.empty()) return {facts.structured.site_name, "json-ld"};
    return {};
}

Found find_description(const Facts& facts) {
    if (const auto text = facts.meta({"description"}); !text.empty()) return {std::string(text), "meta"};
    if (const auto text =
            facts.meta({"og:description", "twitter:description", "dc.description", "dcterms.description"});
        !text.empty())
        return {std::string(text), "og:description"};
    if (!facts.structured.description.empty()) return {facts.structured.description, "json-ld"};
    return {};
}

Found find_language(const Facts& facts) {
    if (const auto language = trim(facts.language); !language.empty() && language.size() < 20)
        return {std::string(language), "html"};
    if (const auto language = facts.meta({"content-language", "og:locale", "dc.language", "language"});
        !language.empty() && language.size() < 20)
        return {std::string(language), "meta"};
    if (!facts.structured.language.empty() && facts.structured.language.size() < 20)
        return {facts.structured.language, "json-ld"};
    return {};
}

Found find_canonical(const Facts& facts) {
    const std::pair<std::string_view, const char*> candidates[] = {
        {facts.canonical, "link"}, {facts.meta({"og:url"}), "og:url"}, {facts.structured.url, "json-ld"}};
    for (const auto& [address, source] : candidates) {
        if (trim(address).empty()) continue;
        const auto absolute = resolve_url(facts.url, address);
        if (!is_http_url(absolute)) continue;
        // A canonical address that is the home page, or a foreign site, is a template's mistake more often
        // than meant.
        const auto path = split_url(absolute).path;
        const bool is_root = path.empty() || path == "/";
        const auto own_path = split_url(facts.url).path;
        if (is_http_url(facts.url)) {
            if (is_root && own_path.size() > 1 && split_url(absolute).query.empty()) continue;
            if (!is_same_host(absolute, facts.url) && path != own_path) continue;
        }
        return {absolute, source};
    }
    return {};
}
}
