#pragma once
#include "core/model.hpp"
#include "core/model/entry_rules.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What a source's config says about its pages, in the web service's keys: which texts are fetched, where in a
// page they stand, and how posts are found where there is no feed.
namespace cti::sources {

struct ListingStrategy {
    std::vector<std::string> urls;
    std::string post_link_selector, next_selector;
    int max_pages = 3; // of each address: it and those that next_selector leads to
};
struct SitemapStrategy {
    std::vector<std::string> urls, url_patterns; // patterns: as post_url_regex, for this sitemap alone
};

struct PageSettings {
    bool feed_only = false;            // rss_only
    std::size_t min_characters = 2000; // min_content_length
    int max_new_pages = 100; // fetch.max_pages: in one check; 0: none. Feeds seldom have more entries
    std::vector<std::string> title_selectors, body_selectors, author_selectors,
        date_selectors; // extract.*, content_selector

    EntryRules entries; // filter, title_filter_keywords, min_word_count
    std::vector<std::string> allow, post_url_regex;
    std::vector<ListingStrategy> listings; // discovery.strategies
    std::vector<SitemapStrategy> sitemaps;
    std::vector<std::string> wp_endpoints, wp_url_fields; // wp_json.endpoints, wp_json.url_field_priority

    bool has_discovery() const { return !listings.empty() || !sitemaps.empty() || !wp_endpoints.empty(); }
};
// The kind of source that it names (config.kind), or "".
std::string read_kind(std::string_view config_json);

// Never throws; what has another type or is out of its range counts as not said. At most 100 texts of each
// kind.
PageSettings read_page_settings(std::string_view config_json);
}
