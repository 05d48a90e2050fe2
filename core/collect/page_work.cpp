#include "core/collect/page_work.hpp"

#include "core/base/text.hpp"
#include "core/net/fault.hpp"
#include "core/net/retry.hpp"

#include <algorithm>
#include <utility>

namespace cti::collect {
namespace {
constexpr int k_max_tries = 20; // in as many checks

// A document that is no web page has no text that could be read here.
bool is_html(const net::Response& response) {
    const auto type =
        ascii_lower(trim(std::string_view(response.content_type).substr(0, response.content_type.find(';'))));
    if (response.body.starts_with("%PDF-")) return false;
    return type.empty() || type == "text/html" || type == "application/xhtml+xml" || type == "text/plain" ||
           type.ends_with("xml");
}

bool may_come_later(const net::Response& response) {
    return net::may_pass(response) || response.failure == net::Failure::held ||
           (response.failure == net::Failure::none && response.status == 429);
}
}

bool PageWork::is_wanted(const ArticleDraft& draft) const {
    if (!draft.built.article) return true; // Only the page can tell.
    return draft.has_own_page && !page::is_whole(draft.built.article->content, choice());
}

void PageWork::limit_new(Triage& triaged, int max) {
    int count = 0;
    for (auto& draft : triaged.drafts) {
        if (draft.is_out || draft.article_id || ++count <= max) continue;
        m_is_pending = true;
        draft.is_out = true;
        draft.page_note = "more new articles than were asked for";
        auto& seen = triaged.seen.at(draft.seen);
        seen.page_tries = draft.tries;
        seen.reason = DropReason::page_missing;
        ++triaged.filtered[seen.reason];
    }
}

std::vector<std::string> PageWork::plan(const feed::Feed& feed, Triage& triaged) {
    m_feed = &feed, m_triage = &triaged;
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < triaged.drafts.size(); ++i) {
        auto& draft = triaged.drafts[i];
        if (draft.is_out || !is_wanted(draft)) continue;
        const auto url = article_url(feed.entries[draft.entry]);
        if (std::ssize(urls) >= m_settings.max_new_pages || !m_open.emplace(url, i).second) {
            draft.page_note = "more new pages than one check asks for";
            put_off(draft, draft.tries);
            continue;
        }
        urls.push_back(url);
    }
    return urls;
}

ArticleDraft& PageWork::draft_of(const std::string& url) {
    const auto open = m_open.extract(url);
    return m_triage->drafts.at(open.mapped());
}

void PageWork::accept_page(const std::string& url, const net::Response& response) {
    auto& draft = draft_of(url);
    if (const auto fault = net::find_fault(response); !fault.empty()) {
        ++m_failed;
        draft.page_note = fault;
        const auto reason =
            response.failure == net::Failure::robots ? DropReason::robots : DropReason::page_failed;
        return do_without(draft, reason, may_come_later(response));
    }
    ++m_read;
    if (!is_html(response)) {
        draft.page_note = "the page is no HTML: " + printable(head_code_points(response.content_type, 100));
        return do_without(draft, DropReason::no_html, false);
    }
    read_page(draft, response);
}

void PageWork::read_page(ArticleDraft& draft, const net::Response& response) {
    page::PageOptions options;
    options.url = net::document_url(response);
    options.content_type = response.content_type;
    options.selectors = {m_settings.title_selectors, m_settings.body_selectors, m_settings.author_selectors,
                         m_settings.date_selectors};
    const auto page = page::extract(response.body, options);
    for (const auto& warning : page.warnings)
        if (warning.starts_with("selector")) m_warnings.insert(warning);
    auto built = add_page(draft.built, m_feed->entries[draft.entry], {page, choice()}, m_now, m_article);
    if (!built.article) {
        draft.page_note = built.drop_reason == DropReason::home_page ? "the page is the site's front page"
                                                                     : "the page has no text";
        return do_without(draft, built.drop_reason, false);
    }
    if (!page.warnings.empty()) draft.page_note = page.warnings.front();
    draft.built = std::move(built);
}

// A new article keeps the feed's text. One that is stored already may hold its page's text, which a teaser
// must not replace.
void PageWork::do_without(ArticleDraft& draft, DropReason reason, bool may_come_later) {
    const bool again = may_come_later && draft.tries + 1 < k_max_tries;
    if (again) return put_off(draft, draft.tries + 1);
    if (!draft.built.article) return drop(draft, reason);
    if (draft.article_id && reason != DropReason::robots) draft.is_out = true;
}

void PageWork::put_off(ArticleDraft& draft, int tries) {
    m_is_pending = true;
    auto& seen = m_triage->seen.at(draft.seen);
    seen.page_tries = tries;
    if (draft.built.article && !draft.article_id) return;
    draft.is_out = true;
    if (!draft.built.article) seen.reason = DropReason::page_missing, ++m_triage->filtered[seen.reason];
}

void PageWork::drop(ArticleDraft& draft, DropReason reason) {
    draft.is_out = true;
    m_triage->seen.at(draft.seen).reason = reason;
    ++m_triage->filtered[reason];
}

void PageWork::cut_short() {
    while (!m_open.empty()) {
        auto& draft = draft_of(m_open.begin()->first);
        draft.page_note = "the run ended before its page came";
        put_off(draft, draft.tries);
    }
}
}
