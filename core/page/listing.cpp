#include "core/page/listing.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/hints.hpp"
#include "core/page/html/selector.hpp"
#include "core/page/same_page.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace cti::page {
namespace {
constexpr std::size_t k_max_posts = 2000;
constexpr std::size_t k_max_links = 20'000;

std::string without_fragment(std::string url) {
    url.resize(std::min(url.find('#'), url.size()));
    return url;
}

// The address that stands at the node, or in the first link below it.
std::string_view link_at(const Document& document, NodeId id) {
    for (auto at = id; at < document.end(id); ++at) {
        if (document.element(at) != Element::e_a) continue;
        if (const auto href = trim(document.attribute(at, "href")); !href.empty()) return href;
    }
    return {};
}

// Directories and names that lead to lists, people and legal texts on most sites.
bool is_no_post_path(std::string_view path) {
    static constexpr std::string_view words[] = {
        "about",      "account",    "archive",  "author",      "authors", "careers",     "cart",
        "categories", "category",   "company",  "contact",     "cookies", "datenschutz", "events",
        "faq",        "feed",       "help",     "impressum",   "imprint", "jobs",        "legal",
        "login",      "newsletter", "page",     "pricing",     "privacy", "product",     "products",
        "register",   "search",     "services", "signin",      "signup",  "solutions",   "subscribe",
        "support",    "tag",        "tags",     "team",        "terms",   "topic",       "topics",
        "user",       "users",      "wp-admin", "wp-login.php"};
    for (const auto step : split(path, '/')) {
        if (std::ranges::find(words, std::string_view(ascii_lower(step))) != std::end(words)) return true;
    }
    return false;
}

bool is_file(std::string_view path) {
    static constexpr std::string_view ends[] = {".pdf", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".zip",
                                                ".xml", ".css", ".js",   ".mp4", ".mp3", ".ico", ".webp"};
    const auto lower = ascii_lower(path);
    return std::ranges::any_of(ends, [&](std::string_view end) { return lower.ends_with(end); });
}

// "/2026/11/a-new-loader-is-seen": how much the last step looks like a title or the path like a date.
int shape_of(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    const auto slug = path.substr(std::min(path.rfind('/') + 1, path.size()));
    const auto words = std::ranges::count_if(slug, [](char c) { return c == '-' || c == '_'; });
    const auto digits = std::ranges::count_if(path, is_ascii_digit);
    return (words >= 2 ? 2 : words >= 1 ? 1 : 0) + (digits >= 4 ? 1 : 0);
}

struct Candidate {
    std::string url;
    std::size_t text = 0; // bytes of the link's text
};

class Guess {
public:
    Guess(const Document& document, std::string_view url) : m_document(document), m_url(url) {}

    // Links are gathered in groups that stand in the page in the same way and lead to the same directory.
    // Posts are the group with the most and longest texts; other groups count where they come near it (a
    // featured post, a second column).
    std::vector<std::string> run() {
        std::map<std::string, std::vector<Candidate>> groups;
        std::size_t links = 0;
        for (NodeId id = 0; id < m_document.size() && links < k_max_links; ++id) {
            if (m_document.is_text(id)) continue;
            if (is_frame(id)) {
                id = m_document.end(id) - 1;
                continue;
            }
            if (m_document.element(id) != Element::e_a) continue;
            ++links;
            add(id, groups);
        }
        const auto best = best_score(groups);
        std::set<std::string> wanted;
        for (const auto& [signature, members] : groups) {
            if (best > 0 && score(members) * 3 >= best) {
                for (const auto& member : members) wanted.insert(member.url);
            }
        }
        std::vector<std::string> posts;
        for (const auto& url : m_order) {
            if (wanted.erase(url) > 0) posts.push_back(url);
        }
        return posts;
    }

private:
    bool is_frame(NodeId id) const {
        const auto element = m_document.element(id);
        if (element == Element::e_html || element == Element::e_body || element == Element::e_a) return false;
        if (element == Element::e_head || element == Element::e_nav || element == Element::e_footer ||
            element == Element::e_form)
            return true;
        return (hints_of(m_document, id) & (h_comments | h_hidden)) != 0;
    }

    void add(NodeId id, std::map<std::string, std::vector<Candidate>>& groups) {
        const auto url = without_fragment(resolve_url(m_url, m_document.attribute(id, "href")));
        if (!is_http_url(url) || !is_same_host(url, m_url) || is_same_page(url, m_url)) return;
        const auto parts = split_url(url);
        auto text = m_document.folded_text(id, 400);
        const int shape = std::max(shape_of(parts.path), is_title(text) ? 1 : 0);
        if (shape == 0 || is_no_post_path(parts.path) || is_file(parts.path)) return;
        if (text.size() < 12) text.clear();
        auto& group = groups[signature_of(id) + directory_of(parts.path)];
        if (std::ranges::find(group, url, &Candidate::url) != group.end()) return;
        if (group.size() < 500) group.push_back({url, text.size() * static_cast<std::size_t>(shape)});
        m_order.push_back(url);
    }

    // "/a/17.html" says nothing, but menus are not made of sentences.
    static bool is_title(std::string_view text) {
        return text.size() >= 30 && std::ranges::count(text, ' ') >= 4;
    }

    // Names of the four elements around the link; classes of the nearest, since lists number theirs further
    // out.
    std::string signature_of(NodeId id) const {
        std::string out;
        auto at = m_document.parent(id);
        for (int i = 0; i < 4 && at != k_no_node; ++i, at = m_document.parent(at))
            out += fmt::format("{}>", m_document.tag_name(at));
        return out;
    }
    static std::string directory_of(std::string_view path) {
        const auto second = path.find('/', 1);
        return std::string(path.substr(0, std::min(second, path.size()) == path.size() ? 1 : second));
    }

    static std::size_t score(const std::vector<Candidate>& members) {
        if (members.size() < 2) return 0;
        std::size_t text = 0;
        for (const auto& member : members) text += std::min<std::size_t>(member.text, 240);
        return text;
    }
    static std::size_t best_score(const std::map<std::string, std::vector<Candidate>>& groups) {
        std::size_t best = 0;
        for (const auto& [signature, members] : groups)
            best = std::max(best, members.size() >= 3 ? score(members) : 0);
        return best;
    }

    const Document& m_document;
    std::string_view m_url;
    std::vector<std::string> m_order;
};

std::string base_of(const Document& document, const std::string& url) {
    for (NodeId id = 0; id < document.size(); ++id) {
        if (document.element(id) == Element::e_base && document.has_attribute(id, "href"))
            return resolve_url(url, document.attribute(id, "href"));
        if (document.element(id) == Element::e_body) break;
    }
    return url;
}

// The addresses that a selector leads to; a selector that asks for an attribute gives that.
std::vector<std::string> select_links(const Document& document, const std::string& base,
                                      const std::string& text, std::vector<std::string>& warnings) {
    std::string error;
    std::vector<std::string> out;
    const auto selector = Selector::parse(text, error);
    if (!selector) {
        warnings.push_back(fmt::format("selector '{}' is left out: {}", text, error));
        return out;
    }
    std::set<std::string> seen;
    for (const auto id : selector->select(document)) {
        const auto link = selector->wants_attribute() ? selector->value_of(document, id)
                                                      : std::string(link_at(document, id));
        auto url = link.empty() ? std::string() : without_fragment(resolve_url(base, link));
        if (is_http_url(url) && out.size() < k_max_posts && seen.insert(url).second)
            out.push_back(std::move(url));
    }
    return out;
}

std::string next_by_rel(const Document& document, const std::string& base) {
    for (NodeId id = 0; id < document.size(); ++id) {
        const auto element = document.element(id);
        if ((element == Element::e_a || element == Element::e_link) &&
            iequals(trim(document.attribute(id, "rel")), "next"))
            return without_fragment(resolve_url(base, document.attribute(id, "href")));
    }
    return {};
}
}

bool looks_like_post(std::string_view url) {
    const auto path = split_url(url).path;
    return shape_of(path) > 0 && !is_no_post_path(path) && !is_file(path);
}

Listing read_listing(std::string_view bytes, const ListingOptions& options) {
    Decoded decoded;
    decode(bytes, options.content_type, decoded);
    const auto parsed = parse_html(prepare(decoded.text));
    const auto& document = parsed.document;
    const auto base = base_of(document, options.url);
    Listing out;
    if (!parsed.warning.empty()) out.warnings.push_back(parsed.warning);
    out.posts = options.post_link_selector.empty()
                    ? Guess(document, base).run()
                    : select_links(document, base, options.post_link_selector, out.warnings);
    if (out.posts.size() > k_max_posts) out.posts.resize(k_max_posts);
    if (options.next_selector.empty()) {
        out.next = next_by_rel(document, base);
    } else if (const auto found = select_links(document, base, options.next_selector, out.warnings);
               !found.empty()) {
        out.next = found.front();
    }
    if (!is_http_url(out.next) || out.next == options.url) out.next.clear();
    return out;
}
}
