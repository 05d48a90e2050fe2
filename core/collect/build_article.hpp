#pragma once
#include "core/feed/feed.hpp"
#include "core/intel/article_text.hpp"
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

// A feed's entry as a row of public.articles, without its hashes. A title that is missing is taken from
// the text. Where no date can be right (none readable, before 1971, more than two days ahead of `now`), it is
// `now`, and the metadata say so in `date_source`: the column takes no NULL.
Built build_article(const feed::Entry& entry, Time now, const BuildOptions& options = {});

// The article's page, once it was read.
struct ReadPage {
    const page::Page& page;
    page::TextChoiceOptions choice;
};
// What build_article() has made of the entry, with the page's text where that is the fuller one, and its
// title, date and authors where the entry has none. The entry's own text is not read again.
Built add_page(const Built& built, const feed::Entry& entry, const ReadPage& read, Time now,
               const BuildOptions& options);

// By the text that is stored, so that they are made once.
void add_hashes(Article& article);
void add_hashes(Article& article, intel::ArticleText& text); // `text` is the article's own
}
