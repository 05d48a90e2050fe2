#pragma once
#include "core/page/hints.hpp"
#include "core/page/html/dom.hpp"
#include "core/page/json_ld.hpp"
#include "core/page/page.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a page says about itself, gathered in one walk.
namespace cti::page {

struct Facts {
    const Document* document = nullptr;
    std::string_view html;    // as decoded: its scripts are in no node
    std::string url;          // of the page
    std::vector<Hints> hints; // of each node
    StructuredData structured;
    std::vector<std::pair<std::string, std::string>>
        metas; // name, property, itemprop or http-equiv in lower case; content
    std::string title_tag, canonical, language;
    std::vector<NodeId> headings; // h1, not empty
    std::vector<std::string> heading_texts;
    std::vector<NodeId> times; // <time>
    std::vector<bool> beside;  // of each node: in a box of other articles

    // The content of the first meta of one of the names, in their order; "" where there is none.
    std::string_view meta(std::initializer_list<std::string_view> names) const;
};

Facts gather(const Document& document, const std::vector<std::string_view>& json_ld, std::string_view url);

Found find_title(const Facts& facts);
Found find_site_name(const Facts& facts);
Found find_description(const Facts& facts);
Found find_language(const Facts& facts);
// The page's own address; one on another host only where a feed or mirror names it and the paths agree.
Found find_canonical(const Facts& facts);

struct FoundAuthors {
    std::vector<std::string> names;
    std::string source;
};
FoundAuthors find_authors(const Facts& facts);
std::vector<std::string> names_in(std::string_view byline); // "By A, B and C"

struct FoundDates {
    std::optional<PageDate> published, modified;
};
FoundDates find_dates(const Facts& facts);
}
