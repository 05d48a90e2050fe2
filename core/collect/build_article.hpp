#pragma once
#include "core/feed/feed.hpp"
#include "core/model/article.hpp"
#include "core/model/check.hpp"
#include "core/page/completeness.hpp"
#include "core/page/page.hpp"

#include <optional>
#include <string>

namespace cti::collect {

// The address under which the web service would store the entry: the first of link and id that is http or
// https; "" where none is.
std::string article_url(const feed::Entry& entry);

struct BuildOptions {
    const page::Page* page = nullptr; // the article's page, where it was read
    page::TextChoiceOptions choice;
    bool is_link = false;                       // the entry is only a link: what the page says goes before it
    std::string_view extraction_method = "rss"; // for the metadata, in the words of the web service
};

// Where each value of an article comes from: "feed", "published", "page:json-ld" …
struct Provenance {
    std::string title, date, authors, text;
    double completeness = 1; // see page::TextChoice
    std::string text_reason; // why this text and not the other one
};

struct Built {
    std::optional<Article> article;
    DropReason drop_reason = DropReason::none; // when there is none: no_address, no_text, home_page
    Provenance provenance;
};

// A feed's entry as a row of public.articles, of its page's text where that is the fuller one. A title that
// is missing is the page's, or taken from the text. The date is the entry's own, else the page's; where none
// can be right (none readable, before 1971, more than two days ahead of `now`), it is `now`, and the metadata
// say so in `date_source`: the column takes no NULL.
Built build_article(const feed::Entry& entry, Time now, const BuildOptions& options = {});
}
