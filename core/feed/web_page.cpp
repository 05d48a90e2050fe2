#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/feed/markup.hpp"

#include <algorithm>
#include <array>

namespace cti::feed {
namespace {
constexpr std::size_t k_max_linked_feeds = 100;

bool has_token(std::string_view list, std::string_view token) {
    for (const char separator : {'\t', '\n', '\r', '\f'}) {
        if (list.find(separator) != std::string_view::npos) {
            std::string blanks(list);
            std::ranges::replace(blanks, separator, ' ');
            return has_token(blanks, token);
        }
    }
    return std::ranges::any_of(split(list, ' '), [&](auto part) { return iequals(part, token); });
}

bool is_feed_type(std::string_view type) {
    type = trim(type.substr(0, type.find(';')));
    static constexpr std::array types = std::to_array<std::string_view>(
        {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
         "application/x-rss+xml", "application/x-atom+xml", "application/rss", "application/atom",
         "text/rss+xml", "text/atom+xml", "text/rss", "application/xml", "text/xml", "application/x.atom+xml",
         "application/cdf", "application/x-cdf", "text/rdf"});
    if (iequals(type, "application/json")) return true;
    return std::ranges::any_of(types, [&](auto known) { return iequals(type, known); });
}

// An address that people give to feeds, for pages that link to theirs in the text only.
bool looks_like_feed(std::string_view url) {
    const auto path = ascii_lower(url.substr(0, url.find('#')));
    const auto query = path.find('?');
    std::string_view name(path);
    name = name.substr(0, query);
    if (query != std::string::npos && (path.find("feed=rss", query) != std::string::npos ||
                                       path.find("feed=atom", query) != std::string::npos ||
                                       path.find("format=rss", query) != std::string::npos ||
                                       path.find("format=feed", query) != std::string::npos))
        return true;
    while (name.ends_with('/')) name.remove_suffix(1);
    name = name.substr(name.rfind('/') + 1);
    static constexpr std::array names = std::to_array<std::string_view>(
        {"feed", "rss", "atom", "feeds", "feed.xml", "rss.xml", "atom.xml", "index.xml", "index.rdf",
         "rss.php", "feed.json", "rss2.xml", "rdf.xml"});
    return std::ranges::find(names, name) != names.end() || name.ends_with(".rss") ||
           name.ends_with(".atom") || name.ends_with(".rdf");
}

class PageReader {
public:
    PageReader(std::string_view html, const std::string& url) : m_html(html), m_base(url), m_url(url) {}
    WebPage read();

private:
    void on_tag(std::size_t& pos);
    void skip_raw_text(std::size_t& pos);
    void add(std::vector<std::string>& list, std::string_view href);

    std::string_view m_html;
    std::string m_base;
    const std::string& m_url;
    HtmlTag m_tag;
    bool m_has_base = false;
    WebPage m_page;
    std::vector<std::string> m_linked; // <a> with a feed-like address: worth less than an announcement
};

void PageReader::add(std::vector<std::string>& list, std::string_view href) {
    if (trim(href).empty() || list.size() >= k_max_linked_feeds) return;
    if (istarts_with(href, "feed://")) {
        list.push_back("http://" + std::string(href.substr(7)));
        return;
    }
    if (istarts_with(href, "feed:")) href.remove_prefix(5);
    auto url = resolve_url(m_base, href);
    if (has_scheme(url) && !is_http_url(url)) return;
    if (std::ranges::find(list, url) == list.end()) list.push_back(std::move(url));
}

// What stands between <script> and </script> is no markup.
void PageReader::skip_raw_text(std::size_t& pos) {
    for (auto at = m_html.find("</", pos); at != std::string_view::npos; at = m_html.find("</", at + 2)) {
        if (!istarts_with(m_html.substr(at + 2), m_tag.name)) continue;
        pos = at;
        return;
    }
    pos = m_html.size();
}

void PageReader::on_tag(std::size_t& pos) {
    if (m_tag.closing) return;
    if (iequals(m_tag.name, "base") && !m_has_base) {
        if (const auto href = html_attribute(m_tag, "href"); !href.empty()) {
            m_base = resolve_url(m_url, href);
            m_has_base = true;
        }
    } else if (iequals(m_tag.name, "link")) {
        const auto rel = html_attribute(m_tag, "rel");
        const bool announces = (has_token(rel, "alternate") && !has_token(rel, "stylesheet") &&
                                is_feed_type(html_attribute(m_tag, "type"))) ||
                               has_token(rel, "feed");
        if (announces) add(m_page.feeds, html_attribute(m_tag, "href"));
    } else if (iequals(m_tag.name, "a") || iequals(m_tag.name, "area")) {
        const auto href = html_attribute(m_tag, "href");
        if (looks_like_feed(href) || is_feed_type(html_attribute(m_tag, "type"))) add(m_linked, href);
    } else if (iequals(m_tag.name, "title") && m_page.title.empty()) {
        const auto start = pos;
        skip_raw_text(pos);
        m_page.title = plain_text(m_html.substr(start, pos - start), true);
    } else if (iequals(m_tag.name, "script") || iequals(m_tag.name, "style") ||
               iequals(m_tag.name, "textarea")) {
        skip_raw_text(pos);
    }
}

WebPage PageReader::read() {
    for (auto pos = m_html.find('<'); pos != std::string_view::npos; pos = m_html.find('<', pos)) {
        if (read_html_tag(m_html, pos, m_tag)) {
            on_tag(pos);
        } else if (m_tag.cut) {
            break;
        } else {
            ++pos;
        }
    }
    for (auto& url : m_linked) {
        if (std::ranges::find(m_page.feeds, url) == m_page.feeds.end())
            m_page.feeds.push_back(std::move(url));
    }
    return std::move(m_page);
}
}

WebPage read_web_page(std::string_view html, const std::string& url) { return PageReader(html, url).read(); }
}
