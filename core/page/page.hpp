#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Web pages: bytes in, Page out. Pure: no network, no database, no clock.
namespace cti::page {

// A value and where in the page it was found: "json-ld", "og:title", "h1", "url", "text" …
struct Found {
    std::string value, source;
};
struct PageDate {
    std::string written; // RFC 3339, or YYYY-MM-DD where the page gives no time: the day is the page's own
    Time time;
    std::string source;
};

struct Page {
    std::string encoding; // WHATWG name of what was decoded
    Found title, canonical_url, language, site_name, description;
    std::vector<std::string> authors;
    std::string authors_source;
    std::optional<PageDate> published, modified;
    std::string text;   // the article: plain text, UTF-8, no NUL; paragraphs apart by a blank line
    std::string method; // how the text was found: "selector", "body", "descent", "json-ld" …
    int word_count = 0;
    bool is_home_page = false;         // by its address, or its own word: no article, whatever its text
    std::vector<std::string> warnings; // what was cut or repaired, a sentence each
    std::vector<std::string> reasons;  // with PageOptions::explain: how each decision came about
};

// The source's own CSS selectors (core/page/html/selector.hpp); the first of a list that finds something
// wins.
struct SourceSelectors {
    std::vector<std::string> title, body, author, date;
};

struct PageOptions {
    std::string url;          // the page's address, after redirects; may be empty
    std::string content_type; // the header's value, charset and all
    SourceSelectors selectors;
    bool explain = false;
};

// Never throws on bad input. At most 8 MiB of a page are read, see prepare.hpp.
Page extract(std::string_view bytes, const PageOptions& options);
}
