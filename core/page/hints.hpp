#pragma once
#include "core/page/html/dom.hpp"

// What the names of an element (class, id, role, itemprop) say about it. Whole words only: "header" in
// "headerless" and "ad" in "download" say nothing.
namespace cti::page {

using Hints = std::uint32_t;
constexpr Hints h_comments = 1U << 0U;    // what readers wrote
constexpr Hints h_boilerplate = 1U << 1U; // related, share, newsletter, cookies, navigation, advertising
constexpr Hints h_weak = 1U << 2U;        // meta, tags, widget: boilerplate where it is short or all links
constexpr Hints h_byline = 1U << 3U;
constexpr Hints h_caption = 1U << 4U;
constexpr Hints h_body = 1U << 5U;    // names that mean the article's text
constexpr Hints h_article = 1U << 6U; // names that mean the article, title and all
constexpr Hints h_hidden = 1U << 7U;  // hidden, display:none, for screen readers only
constexpr Hints h_chrome = 1U << 8U;  // the page's own frame by element or role: nav, footer, aside …
constexpr Hints h_title = 1U << 9U;
constexpr Hints h_date = 1U << 10U;
constexpr Hints h_lead = 1U << 11U;   // standfirst, summary
constexpr Hints h_others = 1U << 12U; // other articles: related, recommended, popular

Hints hints_of(const Document& document, NodeId id);
}
