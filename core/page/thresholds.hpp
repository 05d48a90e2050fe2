#pragma once
#include <cstdint>

// Where the extraction draws its lines. Shares are parts of one; lengths are characters without white space,
// and of Chinese, Japanese and Korean three a character.
//
// Where most come from was not written down. What is known is what another value does to the F1 of four
// public sets of pages, Z Zyte's (66 pages), T trafilatura's (368), N NAEB (155), W WCXB's articles (416),
// where these give .980, .939, .935 and .963. It stands behind each; a set that is not named does not change.
// (The named body's and the innermost's were measured last, the others with 0.35 and 0.85 there.) F1 has a
// standard deviation of .016 for Z and .009 for N: a smaller difference says that the value is not critical,
// not that it is the best. "none": no page of the sets meets the line, so it is a bound for pages unlike
// them.
namespace cti::page {

// Navigation, asides, what is hidden or named boilerplate goes while it is no larger part of the page's text.
// 0.2: T -.0005 N -.0010 W -.0029; 0.6: T +.0018 W -.0012
constexpr double k_max_frame_share = 0.4;
// Comments go unless the page is nothing else.
// 0.7: T +.0004; 0.95: T -.0015
constexpr double k_max_comments_share = 0.9;
// Hidden text of the article is kept from this length on.
// 75: Z +.0001 N +.0004; 300: N -.0035
constexpr std::uint32_t k_min_folded = 150;
// … and up to this part of links.
// 0.15: N -.0007; 0.5: none
constexpr double k_max_folded_links = 0.3;
// An element that is named as the text is believed from this part of the page on.
// 0.35: Z -.0199; 0.5: Z -.0320 T +.0001 W -.0009
constexpr double k_min_named_body = 0.2;
// Of several such names in each other the innermost with this part is taken.
// 0.85: Z -.0006 T -.0008 N -.0011 W -.0002; 0.95: Z -.0006 T -.0008 N -.0007 W -.0004
constexpr double k_min_innermost = 0.7;
// <article>, <main> and their kin, the same.
// 0.35: W -.0001; 0.65: Z -.0014 T -.0015 W +.0001
constexpr double k_min_article = 0.5;
// Without a name: down to the child that has this part.
// 0.7: T -.0016 W -.0010; 0.9: Z +.0001 T -.0002 N -.0008 W -.0002
constexpr double k_min_descent = 0.8;
// So much text must stand around the title, or the root is looked for further out.
// 150: none; 600: none
constexpr std::uint32_t k_min_anchor = 300;
// A figure or caption up to here is one; longer ones are text.
// 300: Z -.0001 N -.0038; 1200: none
constexpr std::uint32_t k_max_caption = 600;
// Bylines, dates and weak names: text in whole blocks beside them …
// 100: Z -.0002 T -.0008 N -.0005 W +.0002; 400: Z +.0001 T -.0002 N -.0073 W -.0027
constexpr std::uint32_t k_max_label_good = 200;
// … and in all.
// 200: Z -.0001 T -.0005 N +.0002; 800: T -.0015
constexpr std::uint32_t k_max_label_chars = 400;
// More links than this, and a block is navigation.
// 0.5: Z -.0005 T -.0011 N +.0016 W -.0019; 0.85: Z -.0025 T -.0037 N -.0006 W +.0002
constexpr double k_min_mostly_links = 0.7;
// A list of teasers has this part of links …
// 0.1: Z +.0012 W -.0030; 0.4: Z -.0014 T -.0005 W +.0005
constexpr double k_min_teaser_links = 0.2;
// … and none longer than this.
// 225: W +.0001; 900: none
constexpr std::uint32_t k_max_teaser = 450;
// Longer blocks are not told by their words.
// 150: T +.0004 W +.0001; 600: none
constexpr std::uint32_t k_max_worded = 300;
// Longer lines at the end are the article's.
// 250: N -.0026 W +.0001; 1000: N +.0002 W +.0002
constexpr std::uint32_t k_max_closing = 500;
// Shorter blocks are labels, menus, buttons as often as text.
// 30: Z -.0001 T -.0015; 70: T -.0001 N +.0003 W -.0001
constexpr std::uint32_t k_min_paragraph = 45;
}
