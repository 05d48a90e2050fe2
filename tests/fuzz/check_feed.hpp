#pragma once
#include "core/base/text.hpp"
#include "core/feed/feed.hpp"

#include <cstdlib>
#include <string>
#include <vector>

// What holds for every feed that was read, whatever the bytes were: all text is valid UTF-8 without NUL,
// which the database would refuse; addresses are absolute or as the feed gave them; nothing passes the
// limits.
namespace cti::fuzz {

inline void check(const std::string& text) {
    if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) std::abort();
}
inline void check(const std::vector<std::string>& texts) {
    for (const auto& text : texts) check(text);
}
inline void check(const std::vector<feed::Person>& people) {
    for (const auto& person : people) check(person.name), check(person.email), check(person.uri);
}
inline void check(const feed::Entry& entry) {
    for (const auto* text : {&entry.title, &entry.link, &entry.comments, &entry.id, &entry.published_raw,
                             &entry.summary, &entry.content})
        check(*text);
    check(entry.authors);
    check(entry.tags);
    for (const auto& enclosure : entry.enclosures) check(enclosure.url), check(enclosure.type);
}
inline void check(const feed::Feed& feed, const feed::ParseOptions& options) {
    for (const auto* text : {&feed.format, &feed.encoding, &feed.title, &feed.link, &feed.id,
                             &feed.description, &feed.language, &feed.image})
        check(*text);
    check(feed.authors);
    check(feed.tags);
    check(feed.feeds);
    check(feed.warnings);
    if (feed.entries.size() > options.max_entries) std::abort();
    for (const auto& entry : feed.entries) check(entry);
}
}
