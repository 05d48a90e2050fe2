#pragma once
#include <string>
#include <string_view>
#include <vector>

// Pages that list posts: the discovery of sources without a feed.
namespace cti::page {

struct ListingOptions {
    std::string url;                               // the page's address, after redirects
    std::string content_type;                      // the header's value
    std::string post_link_selector, next_selector; // of the source's configuration; may be empty
};

struct Listing {
    std::vector<std::string>
        posts;        // absolute http addresses without fragment, in the page's order, each once
    std::string next; // the next page of the list, or ""
    std::vector<std::string> warnings;
};

// By its address alone: its last step reads like a title or its path like a date, and it names neither a
// list, a person nor a file.
bool looks_like_post(std::string_view url);

// With a selector: what it finds, itself or the first link inside. Without one: the links of the page's host
// that look like posts by shape and repetition, see guess_posts() in the source. Never throws on bad input;
// at most 2,000 posts.
Listing read_listing(std::string_view bytes, const ListingOptions& options);
}
