#pragma once
#include "core/collect/build_article.hpp"
#include "core/collect/identity.hpp"
#include "core/feed/feed.hpp"
#include "core/model.hpp"
#include "core/page/entry_filter.hpp"
#include "core/page/link_filter.hpp"
#include "core/store/record.hpp"

#include <optional>
#include <string>
#include <vector>

// Which entries of a feed or a list of links become articles. Pure: what the database knows is handed in.
namespace cti::collect {

// What is known about one entry.
struct KnownEntry {
    std::optional<store::SeenEntry> seen; // by its own keys
    std::optional<int> holder = {};       // the article whose canonical_url is its address
    std::optional<Time> published = {};   // of its article, where `seen` bears another GUID and text
};

// An article in the making.
struct ArticleDraft {
    std::size_t entry = 0, seen = 0; // positions in the feed's entries and in Triage::seen
    std::optional<int> article_id;   // of the row whose text this is to become; nothing: a new one
    int tries = 0;                   // of its page, that failed
    Built built;                     // of the feed's text; without an article where only the page can tell
    std::string page_note;           // why its page's text is missing, or ""
    bool is_out = false;             // not to be stored after all
    bool has_own_page = true;        // its address is no other entry's
};

struct TriageOptions {
    BuildOptions article;   // of the kind of source
    bool has_pages = false; // an entry without a text may still get its page's
    const page::LinkFilter* filter = nullptr;
    const page::EntryFilter* wanted = nullptr; // of entries that say more than their link
};

struct Triage {
    std::vector<ArticleDraft> drafts; // newest first as far as the entries tell
    std::vector<store::SeenEntry> seen;
    int duplicate = 0;
    DropCounts filtered; // entries that are no articles
};
// keys and known: one for each entry of the feed. An entry that was triaged before and says the same is not
// triaged again.
Triage triage_entries(const feed::Feed& feed, const std::vector<EntryKeys>& keys,
                      const std::vector<KnownEntry>& known, Time now, const TriageOptions& options = {});
}
