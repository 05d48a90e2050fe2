#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace cti::page {

// What a page says about itself in schema.org's words.
struct StructuredData {
    bool is_article = false; // an Article, BlogPosting, Report … was found, not only a WebPage
    std::string headline, description, body, published, modified, language, url, section;
    std::string site_name; // publisher, else the WebSite's name
    std::vector<std::string> authors;
    std::vector<std::string> listed_days; // as written, of the articles that the page only lists
};

// The contents of the page's <script type="application/ld+json">: single objects, arrays, @graph, references
// by @id. Of several articles the one whose address is `url`, else the first
// that is no entry of a list. What is no JSON is left out.
StructuredData read_json_ld(const std::vector<std::string_view>& scripts, std::string_view url);
}
