#pragma once
#include "core/feed/feed.hpp"
#include "core/model.hpp"
#include "core/page/link_filter.hpp"
#include "core/sources/page_settings.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// How the posts of a source without a feed are found: WordPress's JSON, listing pages, sitemaps, or, where
// the source's config names none of them, the front page. Pure: it says what to ask for, and is told the
// answers.
namespace cti::source {

class Discovery {
public:
    // Where the config names no lists: the front page, and where that shows no posts, the site's sitemap.
    enum class Guess { front_page, sitemap_too };
    Discovery(const Source& source, const sources::PageSettings& settings, Time now,
              Guess guess = Guess::front_page);

    // What to ask for next, each address once; empty when nothing is left to ask. All that was given out is
    // to be answered.
    std::vector<std::string> next();
    struct Answer {
        std::string_view body, content_type, url; // url: of the document, after redirects
        std::string fault;                        // why there is nothing to read, or ""
    };
    void accept_answer(const std::string& asked, const Answer& answer);

    // The posts, newest first as far as the site tells, each address once and always in the same order.
    std::vector<feed::Entry> entries() const;
    std::string fault() const; // why nothing was found, or ""
    const std::vector<std::string>& warnings() const { return m_warnings; }
    const DropCounts& filtered() const { return m_filtered; } // links that are no posts

private:
    enum class Kind { wp_json, listing, sitemap, robots };
    struct Document {
        std::string url;
        Kind kind = Kind::listing;
        std::size_t strategy = 0; // of its kind; k_guessed: of none
        int depth = 1;            // pages of a listing, levels of sitemaps
        std::string order;        // where its posts stand among the others
    };

    void ask(Document document);
    void begin_strategies();
    bool may_guess_sitemap() const;
    void read_robots(const Answer& answer);
    void read_guessed_sitemap(const Answer& answer, const Document& document);
    void read_wp_json(const Answer& answer, const Document& document);
    void read_listing(const Answer& answer, const Document& document);
    void read_sitemap(const Answer& answer, const Document& document);
    void add(feed::Entry entry, const Document& document, std::size_t position, const page::LinkFilter* own);
    bool is_own_list(std::string_view url) const;

    struct Post {
        Kind kind = Kind::listing;
        std::string order;
        feed::Entry entry;
    };

    const Source& m_source;
    const sources::PageSettings& m_settings;
    Time m_now;
    page::LinkFilter m_filter;
    std::vector<page::LinkFilter> m_sitemap_filters;
    std::deque<Document> m_to_ask;
    std::map<std::string, Document> m_asked;
    std::set<std::string>
        m_lists; // every address that was or will be asked, without what may change about it
    std::map<std::string, Post> m_posts; // by stable address
    DropCounts m_filtered;
    std::vector<std::string> m_warnings, m_faults;
    bool m_has_begun_strategies = false, m_may_guess = false;
    std::size_t m_documents = 0, m_open = 0; // asked for; and not answered yet
};
}
