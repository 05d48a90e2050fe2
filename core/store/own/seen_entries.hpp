#pragma once
#include "core/db/database.hpp"
#include "core/model/check.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Which entries of a source's feed were triaged, and how: nothing is fetched or triaged twice, and a person
// can be told why an article is not there. The keys are hashes (32 hexadecimal digits) that the caller makes.
namespace cti::store {

struct SeenEntry {
    std::string entry_key = {}; // GUID, else link, else text; must not be empty
    std::string link_key = {}; // the address without scheme, host prefix and tracking parameters; "" has none
    std::string content_key = {}; // of what the feed says, to notice changes
    // How often its page was asked for without success; nothing: its page is not to be asked for again. Such
    // an entry is triaged anew, whatever it says.
    std::optional<int> page_tries = {};
    Named<DropReason> reason = DropReason::none; // none: stored; duplicate: article_id holds it
    std::optional<int> article_id = {};
    std::optional<std::int64_t> text_key = {}; // make_text_key() of the article that was made of it
    std::string label = {};                    // title or address, for people; cut to 200 characters
    // Position in CheckRecord::articles: record_check() then fills in article_id and, for what was there
    // already, the reason duplicate. What the database refused is not remembered, so it is tried again.
    std::optional<std::size_t> candidate = {};
    bool operator==(const SeenEntry&) const = default;
};

struct EntryKey {
    std::string entry_key, link_key;
};
// What an entry is whose article somebody has deleted: cti itself never deletes one but with its source.
enum class DeletedArticles : std::uint8_t { stay_away, come_back };
// One answer for each key, found by entry_key, else by link_key. An entry whose article is gone has the
// reason `deleted`, or is unknown where such articles are to come back.
std::vector<std::optional<SeenEntry>> find_seen(db::Transaction& transaction, int source_id,
                                                const std::vector<EntryKey>& keys,
                                                DeletedArticles deleted = DeletedArticles::stay_away);

// The text_key of a content hash; nothing where it is none.
std::optional<std::int64_t> make_text_key(std::string_view hash);

// What an article that is to be stored may be known by.
struct ArticleMarks {
    std::size_t candidate = 0; // whatever the caller wants to know it by
    std::string link_key;
    std::vector<std::int64_t> text_keys;
};
// Those of which an entry of any source, with the same link or text, had an article that is gone: candidate,
// and the id that it had.
std::map<std::size_t, int> find_deleted(db::Transaction& transaction, const std::vector<ArticleMarks>& marks);

// Without an article, the last ones first.
std::vector<SeenEntry> recent_dropped(db::Transaction& transaction, int source_id, int limit);

// Rows that say nothing new are not written more than once a day. Keeps the newest 20,000 of a source.
// record_check() does this.
void remember_seen(db::Transaction& transaction, int source_id, const std::vector<SeenEntry>& entries);
}
