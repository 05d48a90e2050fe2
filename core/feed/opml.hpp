#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Subscription lists: OPML 2.0 (and 1.0) in and out. Pure.
namespace cti::feed {

struct Outline {
    std::string title;              // text or title, white space folded
    std::string feed_url, site_url; // xmlUrl, htmlUrl
    std::vector<std::string>
        categories; // of the outlines around it, outermost first, then its own `category`
};

struct Opml {
    std::string title;
    std::vector<Outline> outlines;     // those with an xmlUrl, in document order, each address once
    std::vector<std::string> warnings; // what was left out or had to be guessed
    std::string error;                 // not empty: nothing could be read, and why
};

// Never throws on bad input. The encoding is found as for feeds. More than 10,000 feeds are left out with a
// warning; of a document that ends too early or has an end tag too many, what came before is kept. Of the
// outlines around a feed the first 64 become categories.
Opml parse_opml(std::string_view bytes);

// OPML 2.0, one outline a feed, grouped by the first category where there is one; several stand in `category`
// too.
std::string write_opml(std::string_view title, const std::vector<Outline>& outlines);
}
