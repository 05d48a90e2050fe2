#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Feeds: bytes in, Feed out. Pure: no network, no database, no clock.
namespace cti::feed {

struct Person {
    std::string name, email, uri;
};
struct Enclosure {
    std::string url, type;
    std::optional<long long> length;
};

struct Entry {
    std::string
        title; // plain text: tags stripped, entities decoded as often as the format says, white space folded
    std::string link;     // absolute, or empty
    std::string comments; // the page where readers discuss it, absolute, or empty
    std::string id;       // guid or atom:id; else the link; may be empty
    std::optional<Time> published, updated;
    std::string published_raw; // as it stood in the feed, when it stood there at all
    std::vector<Person> authors, contributors;
    std::string summary,
        content; // HTML with links made absolute; content is the fuller one, either may be empty
    std::vector<std::string> tags;
    std::vector<Enclosure> enclosures;
    std::string rights;   // HTML
    std::string language; // where the entry names its own
};

struct Feed {
    std::string format;   // "rss20", "rss10", "atom10", "jsonfeed11" …
    std::string encoding; // WHATWG name of what was decoded: "utf-8"
    std::string title, link, id, description, language, image;
    std::string rights;    // HTML
    std::string generator; // name, version and address as they stood, blanks between
    std::optional<Time> updated, published;
    std::vector<Person> authors, contributors;
    std::vector<std::string> tags;
    std::optional<int> ttl_minutes;    // ttl, or sy:updatePeriod and updateFrequency
    std::vector<Entry> entries;        // in the feed's order
    std::vector<std::string> feeds;    // what an HTML page announces, absolute
    bool truncated = false;            // the document ended before its end tag: entries may be missing
    std::vector<std::string> warnings; // everything that had to be repaired, a sentence each
};

struct ParseOptions {
    std::string
        url; // the document's address (after redirects; Content-Location applied), base of relative links
    std::string content_type; // the header's value, charset and all
    std::size_t max_entries = 10'000;
};

// Never throws on bad input: what cannot be understood at all comes back with format "" (empty, not a feed)
// or "html" (a web page; `feeds` then says what it announces) and a warning that says so.
Feed parse(std::string_view bytes, const ParseOptions& options);
}
