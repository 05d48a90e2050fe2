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
std::vector<EntryKeys> keys_of(const feed::Feed& feed);
}
