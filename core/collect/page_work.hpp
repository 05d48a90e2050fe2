#pragma once
#include "core/collect/triage.hpp"
#include "core/net/client.hpp"
#include "core/sources/page_settings.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

// The pages of new entries whose own text is not the whole article: which of them to ask for, and what
// becomes of the drafts with the answers. Pure.
namespace cti::collect {

class PageWork {
public:
    // article: what the kind of source says of its entries.
    PageWork(const sources::PageSettings& settings, const BuildOptions& article, Time now)
        : m_settings(settings), m_article(article), m_now(now) {}

    // Where the source is read as another kind in this check. Before plan().
    void set_article_options(const BuildOptions& article) { m_article = article; }

    // Of new articles only the first `max` are stored; the others wait for the next check. Before plan().
    void limit_new(Triage& triaged, int max);
    // The addresses to ask for, newest first, at most as many as the source's config allows in one check.
    // Both arguments stay where they are until the last answer was taken.
    std::vector<std::string> plan(const feed::Feed& feed, Triage& triaged);
    void accept_page(const std::string& url, const net::Response& response);
    void cut_short(); // What has not come will not.

    // Something is to be tried again, so that the document that names it counts as not read.
    bool is_pending() const { return m_is_pending; }
    // What the pages said of the source's own selectors, each once.
    const std::set<std::string>& warnings() const { return m_warnings; }
    int read() const { return m_read; }
    int failed() const { return m_failed; }

private:
    bool is_wanted(const ArticleDraft& draft) const;
    ArticleDraft& draft_of(const std::string& url);
    void read_page(ArticleDraft& draft, const net::Response& response);
    void do_without(ArticleDraft& draft, DropReason reason, bool may_come_later);
    void put_off(ArticleDraft& draft, int tries);
    void drop(ArticleDraft& draft, DropReason reason);
    page::TextChoiceOptions choice() const { return {m_settings.feed_only, m_settings.min_characters}; }

    const sources::PageSettings& m_settings;
    BuildOptions m_article;
    Time m_now;
    const feed::Feed* m_feed = nullptr;
    Triage* m_triage = nullptr;
    std::map<std::string, std::size_t> m_open; // address: position of its draft
    std::set<std::string> m_warnings;
    bool m_is_pending = false;
    int m_read = 0, m_failed = 0;
};
}
