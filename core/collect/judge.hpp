#pragma once
#include "core/collect/identity.hpp"
#include "core/feed/feed.hpp"
#include "core/model.hpp"
#include "core/store/record.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// Which entries of a feed become articles. Pure: what the database knows is handed in.
namespace cti::collect {

// What is known about one entry.
struct KnownEntry {
    std::optional<store::SeenEntry> seen; // by its own keys
    bool has_article = false;             // its address is somebody's canonical_url
};

struct Judgement {
    std::vector<Article> articles; // candidates, newest first
    std::vector<store::ArticleUpdate> updates;
    std::vector<store::SeenEntry> seen;
    int duplicate = 0;
    std::map<std::string, int> filtered; // entries that are no articles, by reason
};
// keys and known: one for each entry of the feed. An entry that was judged before and says the same is not judged again.
Judgement judge(const feed::Feed& feed, const std::vector<EntryKeys>& keys, const std::vector<KnownEntry>& known, Time now);
}
