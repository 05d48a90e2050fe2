#pragma once
#include "core/feed/feed.hpp"

#include <string>
#include <vector>

// Which entries of a source are the same one, from check to check. Pure.
namespace cti::collect {

// The keys of cti.seen_entries: 32 hexadecimal digits each.
struct EntryKeys {
    std::string entry;   // its GUID, else its link, else its text
    std::string link;    // its address without what may change about it; "" where it has none
    std::string content; // what it says, so that a change is noticed
};
// One for each entry, in their order. A GUID that several entries of the feed carry identifies none of them:
// the link then counts too.
//
// is_shared: for each entry whether its link was made its own by separate_shared_links(); empty: none was.
std::vector<EntryKeys> keys_of(const feed::Feed& feed, const std::vector<bool>& is_shared = {});

// Those of an article that no feed has brought. The entry is that of no feed, and says nothing but its link;
// a fragment counts, as it may be what tells several reports of one page from each other.
EntryKeys keys_of_article(const std::string& url);

// EntryKeys::content of one entry.
std::string content_key_of(const feed::Entry& entry);

// Status pages, releases and advisories: one link for many reports. Entries that differ in GUID, in text, and
// in title or date though they share their link get a fragment each, which is that of the GUID or the GUID
// itself, as the web service's tables take an address once. The same text at another date is one report that
// was published again: the web service's content hash says so too. Returns which ones.
std::vector<bool> separate_shared_links(feed::Feed& feed);
// The same for one entry, whose link was another entry's in an earlier check. False where it has no GUID that
// tells it from others.
bool separate_link(feed::Entry& entry);
// The key of such a link.
std::string separate_link_key(const feed::Entry& entry);
}
