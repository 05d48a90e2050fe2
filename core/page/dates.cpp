#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/date_text.hpp"
#include "core/page/hints.hpp"
#include "core/page/metadata.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace cti::page {
namespace {
constexpr std::array<std::string_view, 34> k_published{"article:published_time",
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
                                                       "content_publisheddate"};
// Names that systems use for the page's file as well as for its text: what readers see comes before them.
constexpr std::array<std::string_view, 10> k_created{
    "createdate", "datecreated", "created",      "article.created",    "date",
    "dc.date",    "dc:date",     "dcterms.date", "search:contentdate", "ya:ovs:upload_date"};
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
constexpr std::size_t k_max_label = 80; // bytes: "Published on 20 November 2019, 10:30 by Somebody Something"
constexpr NodeId k_near = 60, k_near_before = 15;
constexpr std::chrono::hours k_later{14 * 24}; // texts are prepared days before they appear, not weeks
constexpr std::chrono::hours k_apart{36};      // less is the same day in another zone
constexpr int k_says_published = 3;            // of rank_of()

// Of several headings the longest that the page's title repeats: another is the site's name.
NodeId title_of(const Facts& facts) {
    if (facts.headings.empty()) return 0;
    if (facts.headings.size() == 1) return facts.headings.front();
    const auto title = letters_of(facts.title_tag);
    std::size_t best = 0, size = 0;
    for (std::size_t i = 0; i < facts.headings.size(); ++i) {
        const auto letters = letters_of(facts.heading_texts[i]);
        if (letters.size() <= size || title.find(letters) == std::string::npos) continue;
        best = i;
        size = letters.size();
    }
    return facts.headings[best];
}

class Dates {
public:
    explicit Dates(const Facts& facts)
        : m_facts(facts), m_document(*facts.document), m_title(title_of(facts)) {
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
        if (!out.modified) out.modified = by_meta(k_modified);
        out.published = by_machine(out.modified);
        if (out.published) set_local_day(*out.published);
        if (!out.published) out.published = by_address();
        if (!out.published) out.published = near_title();
        if (!out.published) out.published = by_names();
        if (!out.published) {
            if (const auto day = date_in_data(m_facts.html, m_facts.structured.listed_days))
                out.published = to_page_date(*day, "script");
        }
        if (!out.published) out.published = by_text();
        if (!out.published && out.modified) out.published = out.modified;
        return out;
    }

private:
    std::optional<PageDate> read(std::string_view value, std::string_view source) const {
        return value.empty() ? std::nullopt : read_date(value, source, m_order);
    }

    template <std::size_t size>
    std::optional<PageDate> by_meta(const std::array<std::string_view, size>& names) const {
        for (const auto name : names) {
            if (auto found = read(m_facts.meta({name}), name)) return found;
        }
        return std::nullopt;
    }

    // What was written for machines: data first, then the markup of what readers see.
    std::optional<PageDate> by_machine(std::optional<PageDate>& modified) const {
        auto structured = read(m_facts.structured.published, "json-ld"), meta = by_meta(k_published);
        if (structured && meta) return settle(*structured, *meta);
        if (meta) return meta;
        if (structured) return unless_later(*structured);
        if (auto found = by_other_names()) return found;
        const auto [marked, rank] = by_markup(modified);
        if (marked && rank >= k_says_published) return marked;
        auto created = by_meta(k_created);
        if (!created) return marked;
        if (const auto visible = near_title(); visible && are_apart(*created, *visible))
            return marked ? marked : visible;
        return created;
    }

    // A template that knows one day only writes that of the last change; the address keeps the first.
    PageDate unless_later(const PageDate& structured) const {
        const auto address = by_address();
        return address && structured.time - address->time > k_later ? *address : structured;
    }

    static bool are_apart(const PageDate& first, const PageDate& second) {
        const auto apart = first.time - second.time;
        return apart > k_apart || apart < -k_apart;
    }

    // Templates fill one field with the day of the last change or with the site's own. Where two are days
    // apart, what stands at the title decides.
    PageDate settle(const PageDate& first, const PageDate& second) const {
        if (!are_apart(first, second)) return first;
        const auto visible = near_title();
        return visible && visible->written == second.written.substr(0, 10) ? second : first;
    }

    std::optional<PageDate> by_address() const {
        auto day = date_in_url(m_facts.url);
        if (!day) day = date_in_url(m_facts.canonical);
        return day ? std::optional(to_page_date(*day, "url")) : std::nullopt;
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
        const auto ahead = std::chrono::floor<std::chrono::hours>(date.time - local.time).count();
        // 24 to 36 h after midnight: the evening before, west of Greenwich; up to 14 h before it: the
        // morning after, east.
        if ((ahead >= 24 && ahead < 36) || (ahead < 0 && ahead >= -14)) date.written = local.written;
    }

    // What stands in it tells of other texts; a whole page with such a name is no reason to give up.
    bool is_beside_article(NodeId id) const {
        return m_facts.beside[id] ||
               ((m_facts.hints[id] & (h_comments | h_boilerplate)) != 0 &&
                m_document.element(id) != Element::e_body && m_document.element(id) != Element::e_html);
    }

    // A text node is judged with the sentence that it stands in: "compiled on <b>3 January 2020</b>".
    bool is_in_sentence(NodeId id) const {
        auto block = id;
        while (m_document.is_text(block) || is_inline(m_document.element(block))) {
            block = m_document.parent(block);
            if (block == k_no_node) return false;
        }
        const auto element = m_document.element(block);
        if (element != Element::e_p && element != Element::e_li && element != Element::e_blockquote)
            return false;
        const auto text = m_document.folded_text(block, 600);
        auto date = next_date_span(text, 0, m_order);
        if (!date) { // The day is in the markup alone.
            const auto own = m_document.folded_text(id, 100);
            const auto at = text.find(own);
            if (!own.empty() && at != text.npos) date = DateSpan{{}, at, at + own.size()};
        }
        constexpr std::size_t k_max_entry = 60; // bytes: more is a timeline's
        if (date && element == Element::e_li && date->begin == 0 && text.size() > k_max_entry) return true;
        return date && tells_of_event(text, *date);
    }

    // How plainly an element says that it is the day of publication; 0: it says nothing.
    int rank_of(NodeId id, bool is_update) const {
        const auto itemprop = m_document.attribute(id, "itemprop");
        const auto names = ascii_lower(m_document.attribute(id, "class"));
        const auto has = [&](std::string_view word) { return names.find(word) != std::string::npos; };
        const bool is_time = m_document.element(id) == Element::e_time;
        if (itemprop == "datePublished" || itemprop == "dateCreated") return 5;
        if (is_time && m_document.has_attribute(id, "pubdate")) return 4;
        if (is_time && (has("publish") || has("entry-date") || has("post-date"))) return k_says_published;
        if (is_time && !is_update) return 2;
        if (is_time || is_update) return 1;
        return m_document.element(id) == Element::e_abbr && (has("published") || has("date"))
                   ? k_says_published
                   : 0;
    }

    // <time>, itemprop and the microformats' abbr: machine-readable or nearly so. Of two that say the same,
    // the first after the title: before it stand other articles' as well.
    std::pair<std::optional<PageDate>, int> by_markup(std::optional<PageDate>& modified) const {
        std::optional<PageDate> best;
        int best_rank = 0, candidates = 0;
        bool is_behind_title = false;
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
            const int rank = rank_of(id, is_update);
            if (rank > 0 && rank <= 2 && is_in_sentence(id)) continue;
            const bool is_nearer = rank == best_rank && rank > 0 && !is_behind_title && id > m_title;
            if (rank <= best_rank && !is_nearer) continue;
            if (++candidates > k_max_candidates) break;
            auto found = value_of(id, is_time ? "time" : itemprop.empty() ? "abbr" : itemprop);
            if (!found) continue;
            if (is_update && !modified) modified = found;
            best = std::move(found);
            best_rank = rank;
            is_behind_title = id > m_title;
        }
        return {best, best_rank};
    }

    std::optional<PageDate> value_of(NodeId id, std::string_view source) const {
        for (const std::string_view name : {"datetime", "content", "title"}) {
            if (auto found = read(m_document.attribute(id, name), source)) return found;
        }
        return read(m_document.folded_text(id, 150), source);
    }

    // The first date in the text that is not said to be that of a change; `update` gets such a one.
    std::optional<Day> published_day(std::string_view text, std::optional<Day>& update) const {
        for (std::size_t from = 0; from < text.size();) {
            const auto date = next_date_span(text, from, m_order);
            if (!date || tells_of_event(text, *date)) return std::nullopt;
            if (!says_changed(text.substr(from, date->end - from))) return date->day;
            if (!update) update = date->day;
            from = date->end;
        }
        return std::nullopt;
    }

    // A short line at the title: after it, else the nearest before it.
    std::optional<PageDate> near_title() const {
        if (m_title == 0) return std::nullopt;
        std::optional<Day> update;
        const auto day_at = [&](NodeId id) {
            const auto text =
                m_document.is_text(id) && !m_facts.beside[id] ? m_document.text(id) : std::string_view();
            const bool is_label = text.size() >= 6 && text.size() <= k_max_label;
            const auto day = is_label ? published_day(text, update) : std::nullopt;
            return day && !is_in_sentence(id) ? day : std::nullopt;
        };
        const auto end = std::min(m_document.size(), m_document.end(m_title) + k_near);
        for (NodeId id = m_document.end(m_title); id < end; ++id) {
            if (const auto day = day_at(id)) return to_page_date(*day, "byline");
        }
        for (NodeId id = m_title, left = k_near_before; id-- > 0 && left-- > 0;) {
            if (const auto day = day_at(id)) return to_page_date(*day, "byline");
        }
        return std::nullopt;
    }

    // Elements that are named as a date.
    std::optional<PageDate> by_names() const {
        std::optional<Day> before_title, update;
        int candidates = 0;
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
            const auto day = published_day(text, update);
            if (!day) continue;
            if (id > m_title) return to_page_date(*day, "byline");
            if (!before_title) before_title = day;
        }
        if (!before_title) before_title = update;
        return before_title ? std::optional(to_page_date(*before_title, "byline")) : std::nullopt;
    }

    // Short lines below the title, then any line, before the whole page's text.
    std::optional<PageDate> by_text() const {
        std::optional<Day> any, before, update;
        for (NodeId id = 0; id < m_document.size(); ++id) {
            if (m_document.element(id) == Element::e_head) id = m_document.end(id);
            if (id >= m_document.size()) break;
            if (!m_document.is_text(id) || m_facts.beside[id]) continue;
            const auto text = m_document.text(id).substr(0, 2000);
            const auto day = published_day(text, update);
            if (!day || is_in_sentence(id)) continue;
            if (id > m_title && text.size() < 150) return to_page_date(*day, "text");
            if (id > m_title && !any) any = day;
            if (id < m_title && !before) before = day;
        }
        for (const auto& day : {before, any, update}) {
            if (day) return to_page_date(*day, "text");
        }
        return std::nullopt;
    }

    const Facts& m_facts;
    const Document& m_document;
    SlashOrder m_order;
    NodeId m_title; // the heading, or 0
};
}

FoundDates find_dates(const Facts& facts) { return Dates(facts).find(); }
}
