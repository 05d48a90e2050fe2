#pragma once
#include "core/db/schema.hpp"
#include "core/model/article.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What is known of one article beside the article: how it came here, and what else is nearly the same.
namespace cti::store {

// The articles with one of these addresses, the newest first; archived ones left out.
std::vector<int> find_ids_by_url(db::Transaction& transaction, const db::Schema& schema,
                                 const std::vector<std::string>& urls);

// Each "" or nothing where nobody has noted it, as of what the web service stored.
struct Origin {
    std::string feed_url;                   // the source's; its site where it has no feed
    std::string entry_id, entry_link;       // of the entry in the feed
    std::string method;                     // "rss", in the web service's words
    std::string text, title, date, authors; // where each comes from: "feed_content", "page:json-ld"
    std::string collector;                  // "cti/0.1.0"
    std::optional<Time> first_seen;         // when the entry was looked at first
    std::vector<std::pair<std::string, int>>
        derived; // the steps that were run on the text, with their versions
};
Origin read_origin(db::Transaction& transaction, const StoredArticle& article);

// The earliest article that this one is nearly the same as, and all others that are; the earliest first, at
// most 50.
std::vector<int> find_near_articles(db::Transaction& transaction, int article_id);
}
