#include "core/source/discovery.hpp"

#include "core/base/stable_address.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/listing.hpp"
#include "core/page/same_page.hpp"
#include "core/page/sitemap.hpp"
#include "core/page/wp_json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>
#include <tuple>

namespace cti::source {
namespace {
constexpr std::size_t k_max_documents = 60; // in one check, whatever the strategies and the site say
constexpr std::size_t k_max_posts = 2000;
constexpr std::size_t k_max_sitemaps = 20; // of one index, the newest
constexpr int k_max_index_depth = 3;
// Nobody has named these, so they cost little: a few documents, and the newest of what they hold.
constexpr std::size_t k_max_guessed_sitemaps = 3, k_max_guessed_posts = 100;
constexpr std::size_t k_guessed = static_cast<std::size_t>(-1);
constexpr std::chrono::hours k_default_lookback{180 * 24};

// A list outside of the feeds' world: numbers so that texts sort as they do.
std::string ordinal(std::size_t n) { return fmt::format("{:06}", n); }

// Listings begin with the newest and tell no dates; then what is dated, newest first; then what is not.
std::tuple<int, std::chrono::microseconds, std::string_view>
place_of(bool is_listed, const feed::Entry& entry, std::string_view order) {
    const auto when = entry.published ? entry.published : entry.updated;
    if (is_listed || !when) return {is_listed ? 0 : 2, std::chrono::microseconds{0}, order};
    return {1, -when->time_since_epoch(), order};
}

bool is_home(std::string_view url) {
    const auto parts = split_url(url);
    return (parts.path.empty() || parts.path == "/") && parts.query.empty();
}

// Publishing systems have one for posts beside those for pages, lists and people.
bool is_named_for_posts(const page::SitemapEntry& sitemap) {
    const auto path = ascii_lower(split_url(sitemap.url).path);
    return std::ranges::any_of(std::array{"post", "news", "blog", "article"},
                               [&](const char* word) { return path.find(word) != path.npos; });
}
}

Discovery::Discovery(const Source& source, const sources::PageSettings& settings, Time now, Guess guess)
    : m_source(source), m_settings(settings), m_now(now), m_filter(settings.allow, settings.post_url_regex),
      m_warnings(m_filter.warnings()),
      m_may_guess(guess == Guess::sitemap_too && settings.listings.empty() && settings.sitemaps.empty()) {
    for (const auto& sitemap : settings.sitemaps) {
        m_sitemap_filters.emplace_back(std::vector<std::string>{}, sitemap.url_patterns);
        std::ranges::copy(m_sitemap_filters.back().warnings(), std::back_inserter(m_warnings));
    }
    for (std::size_t i = 0; i < settings.wp_endpoints.size(); ++i)
        ask({settings.wp_endpoints[i], Kind::wp_json, 0, 1, ordinal(i)});
    if (settings.wp_endpoints.empty()) begin_strategies();
}

// WordPress tells everything at once; the others are asked only where it said nothing.
void Discovery::begin_strategies() {
    m_has_begun_strategies = true;
    std::size_t place = 1000;
    for (std::size_t i = 0; i < m_settings.listings.size(); ++i)
        for (const auto& url : m_settings.listings[i].urls) ask({url, Kind::listing, i, 1, ordinal(place++)});
    for (std::size_t i = 0; i < m_settings.sitemaps.size(); ++i)
        for (const auto& url : m_settings.sitemaps[i].urls) ask({url, Kind::sitemap, i, 1, ordinal(place++)});
    if (m_settings.listings.empty() && m_settings.sitemaps.empty())
        ask({m_source.url, Kind::listing, k_guessed, 1, ordinal(place)});
}

void Discovery::ask(Document document) {
    document.url = resolve_url(m_source.url, document.url);
    if (m_documents >= k_max_documents || !is_http_url(document.url)) return;
    if (!m_lists.insert(stable_address(document.url)).second) return;
    ++m_documents;
    m_to_ask.push_back(std::move(document));
}

std::vector<std::string> Discovery::next() {
    if (m_to_ask.empty() && m_posts.empty() && !m_has_begun_strategies) begin_strategies();
    if (may_guess_sitemap()) {
        m_may_guess = false;
        ask({"/robots.txt", Kind::robots, k_guessed, 1, ""});
    }
    std::vector<std::string> urls;
    for (; !m_to_ask.empty(); m_to_ask.pop_front()) {
        urls.push_back(m_to_ask.front().url);
        m_asked.emplace(urls.back(), m_to_ask.front());
        ++m_open;
    }
    return urls;
}

bool Discovery::may_guess_sitemap() const {
    return m_may_guess && m_has_begun_strategies && m_open == 0 && m_to_ask.empty() && m_posts.empty();
}

void Discovery::accept_answer(const std::string& asked, const Answer& answer) {
    const auto document = m_asked.at(asked);
    --m_open;
    if (document.kind == Kind::robots) return read_robots(answer);
    if (!answer.fault.empty()) {
        m_faults.push_back(fmt::format("{}: {}", printable(asked), answer.fault));
        return;
    }
    switch (document.kind) {
    case Kind::wp_json: return read_wp_json(answer, document);
    case Kind::listing: return read_listing(answer, document);
    case Kind::sitemap:
        return document.strategy == k_guessed ? read_guessed_sitemap(answer, document)
                                              : read_sitemap(answer, document);
    case Kind::robots: break;
    }
}

void Discovery::read_wp_json(const Answer& answer, const Document& document) {
    auto read = page::read_wp_json(answer.body, m_settings.wp_url_fields.empty()
                                                    ? std::vector<std::string>{"link", "guid"}
                                                    : m_settings.wp_url_fields);
    if (!read.error.empty()) m_faults.push_back(fmt::format("{}: {}", printable(document.url), read.error));
    for (std::size_t i = 0; i < read.posts.size(); ++i) {
        auto& post = read.posts[i];
        feed::Entry entry;
        entry.link = resolve_url(document.url, post.url);
        entry.title = std::move(post.title);
        entry.content = std::move(post.content), entry.summary = std::move(post.excerpt);
        entry.published = post.published, entry.updated = post.modified;
        for (auto& name : post.authors) entry.authors.push_back({std::move(name), {}, {}});
        add(std::move(entry), document, i, nullptr);
    }
}

void Discovery::read_listing(const Answer& answer, const Document& document) {
    page::ListingOptions options{std::string(answer.url), std::string(answer.content_type), {}, {}};
    int most_pages = 1;
    if (document.strategy < m_settings.listings.size()) {
        const auto& strategy = m_settings.listings[document.strategy];
        options.post_link_selector = strategy.post_link_selector,
        options.next_selector = strategy.next_selector;
        most_pages = strategy.max_pages;
    }
    const auto listing = page::read_listing(answer.body, options);
    std::ranges::copy(listing.warnings, std::back_inserter(m_warnings));
    m_lists.insert(stable_address(answer.url));
    for (std::size_t i = 0; i < listing.posts.size(); ++i) {
        feed::Entry entry;
        entry.link = listing.posts[i];
        add(std::move(entry), document, i, nullptr);
    }
    if (!listing.next.empty() && document.depth < most_pages)
        ask({listing.next, Kind::listing, document.strategy, document.depth + 1,
             document.order + ordinal(999'999)});
}

// Its lines "Sitemap: …"; else the usual place.
void Discovery::read_robots(const Answer& answer) {
    std::size_t count = 0;
    for (const auto line : split(answer.fault.empty() ? answer.body : "", '\n')) {
        const auto text = trim(line);
        constexpr std::string_view field = "sitemap:";
        if (count < k_max_guessed_sitemaps && istarts_with(text, field))
            ask({std::string(trim(text.substr(field.size()))), Kind::sitemap, k_guessed, 1,
                 ordinal(count++)});
    }
    if (count == 0) ask({"/sitemap.xml", Kind::sitemap, k_guessed, 1, ""});
}

// It names every page of the site: what looks like a post by its address is taken, and of that the newest.
void Discovery::read_guessed_sitemap(const Answer& answer, const Document& document) {
    auto read = page::read_sitemap(answer.body, answer.content_type, answer.url);
    const auto since = m_now - (m_source.lookback_days ? std::chrono::hours{24 * *m_source.lookback_days}
                                                       : k_default_lookback);
    auto inner = page::newest_first(std::move(read.sitemaps), since);
    std::stable_partition(inner.begin(), inner.end(), is_named_for_posts);
    if (document.depth == 1)
        for (std::size_t i = 0; i < std::min(inner.size(), k_max_guessed_sitemaps); ++i)
            ask({inner[i].url, Kind::sitemap, k_guessed, 2, document.order + ordinal(i)});
    std::size_t count = 0;
    for (auto& one : page::newest_first(std::move(read.pages), since)) {
        if (!page::is_same_host(one.url, m_source.url) || !page::looks_like_post(one.url)) continue;
        if (++count > k_max_guessed_posts) break;
        feed::Entry entry;
        entry.link = std::move(one.url), entry.updated = one.modified;
        add(std::move(entry), document, count, nullptr);
    }
}

void Discovery::read_sitemap(const Answer& answer, const Document& document) {
    const std::chrono::hours lookback =
        m_source.lookback_days ? std::chrono::hours{24 * *m_source.lookback_days} : k_default_lookback;
    auto read = page::read_sitemap(answer.body, answer.content_type, answer.url);
    std::ranges::move(read.warnings, std::back_inserter(m_warnings));
    if (read.pages.empty() && read.sitemaps.empty())
        m_faults.push_back(fmt::format("{}: the sitemap names no pages", printable(document.url)));
    auto inner = page::newest_first(std::move(read.sitemaps), m_now - lookback);
    if (document.depth < k_max_index_depth)
        for (std::size_t i = 0; i < std::min(inner.size(), k_max_sitemaps); ++i)
            ask({inner[i].url, Kind::sitemap, document.strategy, document.depth + 1,
                 document.order + ordinal(i)});
    const auto pages = page::newest_first(std::move(read.pages), m_now - lookback);
    for (std::size_t i = 0; i < pages.size(); ++i) {
        feed::Entry entry;
        entry.link = pages[i].url;
        entry.updated = pages[i].modified;
        add(std::move(entry), document, i, &m_sitemap_filters[document.strategy]);
    }
}

void Discovery::add(feed::Entry entry, const Document& document, std::size_t position,
                    const page::LinkFilter* own) {
    if (!is_http_url(entry.link)) return;
    auto refusal = is_home(entry.link) ? name_of(DropReason::home_page) : m_filter.refusal(entry.link);
    if (refusal.empty() && own != nullptr) refusal = own->refusal(entry.link);
    if (!refusal.empty()) {
        ++m_filtered[Named<DropReason>(refusal)];
        return;
    }
    const auto address = stable_address(entry.link);
    auto order = document.order + ordinal(position);
    const auto there = m_posts.find(address);
    if (there != m_posts.end() && there->second.order <= order) return;
    if (there == m_posts.end() && m_posts.size() >= k_max_posts) return;
    m_posts.insert_or_assign(address, Post{document.kind, std::move(order), std::move(entry)});
}

std::vector<feed::Entry> Discovery::entries() const {
    std::vector<const Post*> posts;
    for (const auto& [address, post] : m_posts)
        if (!m_lists.contains(address)) posts.push_back(&post);
    std::ranges::sort(posts, {}, [](const Post* post) {
        return place_of(post->kind == Kind::listing, post->entry, post->order);
    });
    std::vector<feed::Entry> entries;
    for (const auto* post : posts) entries.push_back(post->entry);
    return entries;
}

std::string Discovery::fault() const {
    if (!m_posts.empty()) return {};
    if (!m_faults.empty()) return m_faults.front();
    return m_filtered.empty()
               ? "no posts can be recognised there; name them in discovery.strategies of the source's config"
               : fmt::format("all {} links are left out by allow and post_url_regex",
                             std::accumulate(m_filtered.begin(), m_filtered.end(), 0,
                                             [](int sum, const auto& one) { return sum + one.second; }));
}
}
