#pragma once
#include "core/feed/scanner.hpp"

#include <string>
#include <string_view>
#include <vector>

// HTML as it stands inside of feeds: titles without tags, links made absolute, what a page announces.
namespace cti::feed {

struct HtmlTag {
    std::string_view name;
    bool closing = false;
    bool cut = false; // no tag was read because the text ends inside of it
    std::vector<Attribute> attributes;
};
// Reads the tag at html[pos] == '<' and moves past it; false when none starts there (then `pos` stays).
// Comments and declarations are tags without a name.
bool read_html_tag(std::string_view html, std::size_t& pos, HtmlTag& tag);
std::string html_attribute(const HtmlTag& tag, std::string_view name); // decoded and trimmed

bool is_html_element(std::string_view name);
bool is_void_element(std::string_view name); // <br>, <img> …
bool is_url_attribute(std::string_view name);

// An end tag or a void element of HTML, or a character reference: plain text has none of them.
bool looks_like_html(std::string_view text);

// Tags out, references decoded once, white space folded. Without `all_tags` only what is an HTML element
// counts as a tag: "use of std::vector<int>" stays as it is.
std::string plain_text(std::string_view html, bool all_tags);

// href, src, srcset and their kin; what has a scheme already stays byte for byte.
void make_links_absolute(std::string& html, const std::string& base);
// One attribute's value made absolute, ready to stand in double quotes.
std::string absolute_attribute(std::string_view name, std::string_view raw, const std::string& base);

// What a web page says about itself and the feeds that it announces, absolute, each once, the best first.
struct WebPage {
    std::string title;
    std::vector<std::string> feeds;
};
WebPage read_web_page(std::string_view html, const std::string& url);
}
