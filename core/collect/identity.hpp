#pragma once
#include "core/feed/feed.hpp"

#include <string>
#include <string_view>
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
std::vector<EntryKeys> keys_of(const feed::Feed& feed);

// Stands for the content of an entry whose page is still to be read, after that many attempts: it equals no
// real key, so that the entry is judged again.
std::string pending_key(int tries);
int tries_of(std::string_view content_key); // 0 where it is a real key
}
