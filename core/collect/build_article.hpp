#pragma once
#include "core/feed/feed.hpp"
#include "core/model.hpp"

#include <optional>
#include <string>

namespace cti::collect {

// The address under which the web service would store the entry: the first of link and id that is http or https; "" where none is.
std::string article_url(const feed::Entry& entry);

struct Built {
    std::optional<Article> article;
    std::string drop_reason; // when there is none: "no_address", "no_text"
};

// A feed's entry as a row of public.articles. A title that is missing is taken from the text. The date is the entry's own; where
// it has none that can be right (none readable, before 1971, more than two days ahead of `now`), it is `now`, and the metadata
// say so in `date_source`: the column takes no NULL.
Built build_article(const feed::Entry& entry, Time now);
}
