#include "core/page/page.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/date_text.hpp"
#include "core/page/html/selector.hpp"
#include "core/page/main_text.hpp"
#include "core/page/metadata.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::page {
namespace {
constexpr std::size_t k_max_selectors = 50;

int count_words(std::string_view text) {
    int words = 0;
    bool in_word = false;
    for (const char c : text) {
        const bool is_space = is_ascii_space(c);
        words += !is_space && !in_word ? 1 : 0;
        in_word = !is_space;
    }
    return words;
}

bool is_root_address(std::string_view url) {
    const auto parts = split_url(url);
    return is_http_url(url) && (parts.path.empty() || parts.path == "/") && parts.query.empty();
}

// Reads one page; each step adds its field.
class Extraction {
public:
    Extraction(const Document& document, const Prepared& prepared, std::string_view html,
               const PageOptions& options, Page& page)
        : m_document(document), m_options(options), m_facts(gather(document, prepared.json_ld, options.url)),
          m_page(page) {
        m_facts.html = html;
    }

    void run() {
        read_metadata();
        read_dates();
        read_text();
        m_page.is_home_page =
            is_root_address(m_options.url) || is_root_address(resolve_url(m_options.url, m_facts.canonical));
    }

private:
    // Calls use(selector, nodes) for the selectors in their order until it says that it has what it wants.
    template <class Use>
    void by_selectors(const std::vector<std::string>& texts, Use use) {
        for (std::size_t i = 0; i < texts.size() && i < k_max_selectors; ++i) {
            std::string error;
            const auto selector = Selector::parse(texts[i], error);
            if (!selector) {
                m_page.warnings.push_back(fmt::format("selector '{}' is left out: {}", texts[i], error));
                continue;
            }
            const auto nodes = selector->select(m_document);
            if (!nodes.empty() && use(*selector, nodes)) {
                if (m_options.explain)
                    m_page.reasons.push_back(fmt::format("selector '{}' found {}", texts[i], nodes.size()));
                return;
            }
        }
    }

    void read_metadata() {
        by_selectors(m_options.selectors.title,
                     [&](const Selector& selector, const std::vector<NodeId>& nodes) {
                         m_page.title = {selector.value_of(m_document, nodes.front()), "selector"};
                         return !m_page.title.value.empty();
                     });
        if (m_page.title.value.empty()) m_page.title = find_title(m_facts);
        m_page.site_name = find_site_name(m_facts);
        m_page.description = find_description(m_facts);
        m_page.language = find_language(m_facts);
        m_page.canonical_url = find_canonical(m_facts);
        by_selectors(m_options.selectors.author,
                     [&](const Selector& selector, const std::vector<NodeId>& nodes) {
                         for (const auto id : nodes) {
                             for (auto& name : names_in(selector.value_of(m_document, id))) {
                                 if (std::ranges::find(m_page.authors, name) == m_page.authors.end())
                                     m_page.authors.push_back(std::move(name));
                             }
                         }
                         m_page.authors_source = "selector";
                         return !m_page.authors.empty();
                     });
        if (!m_page.authors.empty()) return;
        auto [names, source] = find_authors(m_facts);
        m_page.authors = std::move(names);
        m_page.authors_source = std::move(source);
    }

    void read_dates() {
        by_selectors(
            m_options.selectors.date, [&](const Selector& selector, const std::vector<NodeId>& nodes) {
                for (const auto id : nodes) {
                    if (!selector.wants_attribute() && m_document.has_attribute(id, "datetime"))
                        m_page.published = read_date(m_document.attribute(id, "datetime"), "selector");
                    if (!m_page.published)
                        m_page.published = read_date(selector.value_of(m_document, id), "selector");
                    if (m_page.published) return true;
                }
                return false;
            });
        auto dates = find_dates(m_facts);
        if (!m_page.published) m_page.published = std::move(dates.published);
        m_page.modified = std::move(dates.modified);
    }

    void read_text() {
        TextHelp help{
            m_page.title.value, m_page.description.value, m_page.authors, m_facts.structured.body, {}};
        // A list like "article, main, .content" finds what stands in each other: the outermost of them are
        // taken.
        by_selectors(m_options.selectors.body, [&](const Selector&, const std::vector<NodeId>& nodes) {
            for (const auto id : nodes) {
                if (help.roots.empty() || id >= m_document.end(help.roots.back())) help.roots.push_back(id);
            }
            return std::ranges::any_of(
                help.roots, [&](NodeId id) { return m_document.folded_text(id, 2000).size() > 100; });
        });
        Measured measured(m_document, m_facts.hints);
        auto found = find_main_text(measured, help, m_options.explain);
        m_page.text = std::move(found.text);
        m_page.method = std::move(found.method);
        m_page.word_count = count_words(m_page.text);
        std::ranges::move(found.reasons, std::back_inserter(m_page.reasons));
    }

    const Document& m_document;
    const PageOptions& m_options;
    Facts m_facts;
    Page& m_page;
};
}

Page extract(std::string_view bytes, const PageOptions& options) {
    Page page;
    Decoded decoded;
    decode(bytes, options.content_type, decoded);
    page.encoding = decoded.encoding;
    if (!decoded.warning.empty()) page.warnings.push_back(decoded.warning);
    const auto prepared = prepare(decoded.text);
    const auto parsed = parse_html(prepared);
    if (!parsed.warning.empty()) page.warnings.push_back(parsed.warning);
    Extraction(parsed.document, prepared, decoded.text, options, page).run();
    return page;
}
}
