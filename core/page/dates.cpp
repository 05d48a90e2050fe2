#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/date_text.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace cti::page {
namespace {
constexpr std::array<std::string_view, 44> k_published{"article:published_time",
                                                       "og:article:published_time",
                                                       "datepublished",
                                                       "article:published",
                                                       "og:published_time",
                                                       "parsely-pub-date",
                                                       "sailthru.date",
                                                       "cxenseparse:recs:publishtime",
                                                       "cxenseparse:publishtime",
                                                       "dc.date.issued",
                                                       "dcterms.issued",
                                                       "dc.date.created",
                                                       "dcterms.created",
                                                       "citation_publication_date",
                                                       "citation_date",
                                                       "citation_online_date",
                                                       "bepress_citation_date",
                                                       "publish_date",
                                                       "publish-date",
                                                       "publishdate",
                                                       "published_at",
                                                       "published",
                                                       "pubdate",
                                                       "pub_date",
                                                       "publication_date",
                                                       "article:publicationdate",
                                                       "article:published_date",
                                                       "article.published",
                                                       "shareaholic:article_published_time",
                                                       "rnews:datepublished",
                                                       "og:publish_date",
                                                       "og:pubdate",
                                                       "dtk:publishdate",
                                                       "content_publisheddate",
                                                       "createdate",
                                                       "datecreated",
                                                       "created",
                                                       "article.created",
                                                       "date",
                                                       "dc.date",
                                                       "dc:date",
                                                       "dcterms.date",
                                                       "search:contentdate",
                                                       "ya:ovs:upload_date"};
constexpr std::array<std::string_view, 14> k_modified{"article:modified_time",
                                                      "og:article:modified_time",
                                                      "og:updated_time",
                                                      "datemodified",
                                                      "article:modified",
                                                      "dcterms.modified",
                                                      "dc.date.modified",
                                                      "last-modified",
                                                      "lastmod",
                                                      "modified",
                                                      "revision_date",
                                                      "last-updated",
                                                      "updated",
                                                      "article:modified_date"};

// No page needs more to be looked at; the first ones are next to the title.
constexpr int k_max_candidates = 200;

class Dates {
public:
    explicit Dates(const Facts& facts) : m_facts(facts), m_document(*facts.document) {
        const auto language = ascii_lower(find_language(facts).value);
        const auto host = split_url(facts.url).host;
        const auto top = host.substr(std::min(host.rfind('.'), host.size()));
        const bool is_worldwide = top.size() != 3; // ".uk", ".au": day first, in English too
        const bool is_american = language.starts_with("en-us") || language.starts_with("en_us") ||
                                 (is_worldwide && (language.empty() || language == "en"));
        m_order = is_american ? SlashOrder::month_first : SlashOrder::day_first;
    }

    FoundDates find() {
        FoundDates out;
        out.modified = read(m_facts.structured.modified, "json-ld");
        for (const auto name : k_modified) {
            if (!out.modified) out.modified = read(m_facts.meta({name}), name);
        }
        out.published = read(m_facts.structured.published, "json-ld");
        for (const auto name : k_published) {
            if (!out.published) out.published = read(m_facts.meta({name}), name);
        }
        if (!out.published) out.published = by_other_names();
        if (!out.published) out.published = by_markup(out.modified);
        if (out.published) set_local_day(*out.published);
        if (!out.published) {
            if (const auto day = date_in_url(m_facts.url)) out.published = to_page_date(*day, "url");
        }
        if (!out.published) {
            if (const auto day = date_in_url(m_facts.canonical)) out.published = to_page_date(*day, "url");
        }
        if (!out.published) out.published = by_names();
        if (!out.published) out.published = by_text();
        if (!out.published && out.modified) out.published = out.modified;
        return out;
    }

private:
    std::optional<PageDate> read(std::string_view value, std::string_view source) const {
        return value.empty() ? std::nullopt : read_date(value, source, m_order);
    }

    // "w-published-date", "published_on": whatever the site calls it.
    std::optional<PageDate> by_other_names() const {
        for (const auto& [name, content] : m_facts.metas) {
            if (name.find("publi") == std::string::npos || name.find("publisher") != std::string::npos)
                continue;
            if (content.size() < 40 && std::ranges::count_if(content, is_ascii_digit) >= 6) {
                if (auto found = read(content, name)) return found;
            }
        }
        return std::nullopt;
    }

    // Systems that write UTC: the day that readers saw is in another field, in the address or in the byline.
    void set_local_day(PageDate& date) const {
        if (!date.written.ends_with('Z')) return;
        for (const std::string_view name :
             {"article:published_time", "date", "sailthru.date", "parsely-pub-date", "published_at",
              "cxenseparse:recs:publishtime", "datepublished", "dc.date", "pubdate"}) {
            const auto other = read(m_facts.meta({name}), name);
            if (!other || other->written.size() < 19 || other->written == date.written) continue;
            if (other->time == date.time) { // The same moment, with its zone.
                date.written = other->written;
                return;
            }
            const auto offset =
                std::chrono::duration_cast<std::chrono::minutes>(other->time - date.time).count();
            if (other->written.ends_with('Z') && offset != 0 && offset % 30 == 0 &&
                std::abs(offset) <= 14 * 60) { // The same moment without it.
                date.written =
                    other->written.substr(0, 19) + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+',
                                                               std::abs(offset) / 60, std::abs(offset) % 60);
                return;
            }
        }
        auto day = date_in_url(m_facts.url);
        if (!day) {
            if (const auto byline = by_names()) {
                std::size_t pos = 0;
                day = next_date(byline->written, pos, m_order);
            }
        }
        if (!day) return;
        const auto local = to_page_date(*day, date.source);
        const auto ahead = std::chrono::duration_cast<std::chrono::hours>(date.time - local.time).count();
        // 24 to 36 h behind midnight: the evening before, west of Greenwich; up to 14 h before it: the
        // morning after, east.
        if ((ahead >= 24 && ahead < 36) || (ahead < 0 && ahead >= -14)) date.written = local.written;
    }

    // What stands in it tells of other texts; a whole page with such a name is no reason to give up.
    bool is_beside_article(NodeId id) const {
        return (m_facts.hints[id] & (h_comments | h_boilerplate)) != 0 &&
               m_document.element(id) != Element::e_body && m_document.element(id) != Element::e_html;
    }

    // <time>, itemprop and the microformats' abbr: machine-readable or nearly so.
    std::optional<PageDate> by_markup(std::optional<PageDate>& modified) const {
        std::optional<PageDate> best;
        int best_rank = 0, candidates = 0;
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.is_text(id)) continue;
            if (is_beside_article(id)) {
                id = m_document.end(id) - 1;
                continue;
            }
            const auto itemprop = m_document.attribute(id, "itemprop");
            const bool is_time = m_document.element(id) == Element::e_time;
            if (!is_time && itemprop.empty() && m_document.element(id) != Element::e_abbr) continue;
            const auto names = ascii_lower(m_document.attribute(id, "class"));
            const bool is_update = itemprop == "dateModified" || names.find("updated") != std::string::npos ||
                                   names.find("modified") != std::string::npos;
            int rank = 0;
            if (itemprop == "datePublished" || itemprop == "dateCreated")
                rank = 5;
            else if (is_time && m_document.has_attribute(id, "pubdate"))
                rank = 4;
            else if (is_time && (names.find("publish") != std::string::npos ||
                                 names.find("entry-date") != std::string::npos ||
                                 names.find("post-date") != std::string::npos))
                rank = 3;
            else if (is_time && !is_update)
                rank = 2;
            else if (is_time || is_update)
                rank = 1;
            else if (m_document.element(id) == Element::e_abbr &&
                     (names.find("published") != std::string::npos ||
                      names.find("date") != std::string::npos))
                rank = 3;
            if (rank <= best_rank) continue;
            if (++candidates > k_max_candidates) break;
            auto found = value_of(id, is_time ? "time" : itemprop.empty() ? "abbr" : itemprop);
            if (!found) continue;
            if (is_update && !modified) modified = found;
            best = std::move(found);
            best_rank = rank;
        }
        return best;
    }

    std::optional<PageDate> value_of(NodeId id, std::string_view source) const {
        for (const std::string_view name : {"datetime", "content", "title"}) {
            if (auto found = read(m_document.attribute(id, name), source)) return found;
        }
        return read(m_document.folded_text(id, 150), source);
    }

    // Elements that are named as a date.
    std::optional<PageDate> by_names() const {
        std::optional<PageDate> before_title;
        int candidates = 0;
        const NodeId title = m_facts.headings.empty() ? 0 : m_facts.headings.front();
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.is_text(id)) continue;
            const auto hints = m_facts.hints[id];
            if (is_beside_article(id)) {
                id = m_document.end(id) - 1;
                continue;
            }
            if ((hints & (h_date | h_byline | h_weak)) == 0) continue;
            if (++candidates > k_max_candidates) break;
            const auto text = m_document.folded_text(id, 400);
            if (text.size() > 250) continue;
            std::size_t pos = 0;
            const auto day = next_date(text, pos, m_order);
            if (!day) continue;
            if (id > title) return to_page_date(*day, "byline");
            if (!before_title) before_title = to_page_date(*day, "byline");
        }
        return before_title;
    }

    // Short lines below the title, then any line, before the whole page's text.
    std::optional<PageDate> by_text() const {
        const NodeId title = m_facts.headings.empty() ? 0 : m_facts.headings.front();
        std::optional<Day> any, before;
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.element(id) == Element::e_head) id = m_document.end(id);
            if (id >= m_document.size()) break;
            if (!m_document.is_text(id)) continue;
            const auto text = m_document.text(id).substr(0, 2000);
            std::size_t pos = 0;
            const auto day = next_date(text, pos, m_order);
            if (!day) continue;
            if (id > title && text.size() < 150) return to_page_date(*day, "text");
            if (id > title && !any) any = day;
            if (id < title && !before) before = day;
        }
        if (before) return to_page_date(*before, "text");
        if (any) return to_page_date(*any, "text");
        return std::nullopt;
    }

    const Facts& m_facts;
    const Document& m_document;
    SlashOrder m_order;
};
}

FoundDates find_dates(const Facts& facts) { return Dates(facts).find(); }
}
