#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Subscription lists: OPML 2.0 (and 1.0) in and out. Pure.
namespace cti::feed {

struct Outline {
    std::string title;                   // text or title, white space folded
    std::string feed_url, site_url;      // xmlUrl, htmlUrl
    std::vector<std::string> categories; // of the outlines around it, outermost first, then its own `category`
};

struct Opml {
    std::string title;
    std::vector<Outline> outlines;     // those with an xmlUrl, in document order, each address once
    std::vector<std::string> warnings; // what was left out or had to be guessed
    std::string error;                 // not empty: nothing could be read, and why
};

// Never throws on bad input. Nesting deeper than 64 and more than 10,000 feeds are left out with a warning; of a document
// that ends too early, what came before is kept.
Opml parse_opml(std::string_view bytes);

// OPML 2.0, one outline a feed, grouped by the first category where there is one.
std::string write_opml(std::string_view title, const std::vector<Outline>& outlines);
}
