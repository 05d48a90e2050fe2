#pragma once
#include <cstddef>
#include <string>
#include <string_view>

// Which text of an article to keep: the feed's or its page's.
namespace cti::page {

struct TextChoiceOptions {
    bool feed_only = false;            // rss_only of the source: pages are never fetched
    std::size_t min_characters = 2000; // min_content_length; the web service's default
};

// Whether the feed's text is taken for the whole article, so that its page need not be fetched: it is long
// enough and does not end as teasers do.
bool is_whole(std::string_view feed_text, const TextChoiceOptions& options);

enum class TextSource { feed, page };
struct TextChoice {
    TextSource source = TextSource::feed;
    double completeness = 1; // what is kept, as a share of the longer of the two: 1 is all that is known
    std::string reason;      // for people, lower case
};

// The fuller one that is about the same thing: a page's text is taken when it is longer and most words of the
// feed's text, where that has enough of them, stand in it. Otherwise it is another article, a list or a wall,
// and the feed's text stays.
TextChoice choose_text(std::string_view feed_text, std::string_view page_text,
                       const TextChoiceOptions& options);
}
