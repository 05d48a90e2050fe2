#pragma once
#include "core/feed/feed.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/sources/page_settings.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// How the articles of a source are found: one contract, a file for each kind, and a table. A kind says what
// to ask for and is told the answers; it knows neither the network nor the database.
namespace cti::source {
struct Kind;

struct Ask {
    net::Request
        request; // url, accept, headers; the collector adds what the source's config says of requests
    bool obey_robots = false; // as links that nobody asked us to read do; a feed is there to be fetched
};

// What a source had to say in one check.
struct Found {
    feed::Feed feed;           // entries and warnings
    bool is_unchanged = false; // since the cursor that the check began with
    std::string fault;         // why nothing could be read, or ""
    DropCounts filtered;       // what was left out already
    // What to begin with the next time, once all that was found is stored. Nothing: as this time.
    std::optional<std::string> cursor;
    // The same where not all of it is stored, because pages are still to come or of a fault. Nothing: in the
    // first case it begins anew, in the second as this time.
    std::optional<std::string> unfinished_cursor;
    // Why nothing comes of it, now and most probably the next time too ("HTTP 404 (not found)"), or "". Not
    // what passes by itself.
    std::string silence;
    const Kind* read_as = nullptr; // the kind of the entries where it is another than the source's
    std::string moved_to;          // where it has moved for good, or ""
    bool is_gone = false;          // the server says that it will not come back
};

// The reading of one source in one check. Belongs to one thread at a time.
class Reader {
public:
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    virtual ~Reader() = default;

    // The first documents. None: there is nothing to ask, and finish() says why.
    virtual std::vector<Ask> begin() = 0;
    // One answer for each Ask, whatever became of it. Returns what else is to be asked for.
    virtual std::vector<Ask> accept_answer(const Ask& ask, const net::Response& response) = 0;
    // Once all answers have come.
    virtual Found finish() = 0;
};

// What a reader needs; all of it outlives the reader.
struct Input {
    const Source& source;
    const sources::PageSettings& settings;
    std::string_view cursor; // what its kind returned the last time, "" before
    Time now;
    bool may_read_pages = true; // else only feeds are read: links alone are of no use
    bool is_fallback = false;   // instead of what the source names: more may have to be guessed
};

struct Kind {
    std::string_view name; // of the source's config.kind
    // Whether a source without config.kind is of this kind: the rows of the web service say it by their
    // columns.
    bool (*is_implied)(const Source&);
    // Where reading begins: its host is looked up before anything is asked.
    std::string (*first_address)(const Source&);
    std::unique_ptr<Reader> (*make_reader)(const Input&);
    // What its checks are called in the tables of the web service of 2025, and of 2026.
    CheckMethod method_2025 = CheckMethod::rss, method_2026 = CheckMethod::rss;
    std::string_view extraction_method; // of the articles' metadata, in the words of the web service
    // Entries are links and nothing else: what a page says goes before them, and a page is needed for a text.
    bool has_only_links = false;
    // What an operator reads in it ("etag"), for `sources show`.
    std::vector<std::pair<std::string, std::string>> (*describe_cursor)(std::string_view cursor) = nullptr;
};

std::span<const Kind> kinds();
// By config.kind, else the first that is implied. Null: config.kind names none of them.
const Kind* find_kind(const Source& source, std::span<const Kind> among = kinds());

// A row of the table; each in a file of its own.
extern const Kind k_feed_kind;
extern const Kind k_web_kind;

// For a document that should be a feed.
net::Request make_feed_request(std::string url);
// Why there is no feed in an answer ("HTTP 404 (not found)", "this is a web page; it announces …"), or "".
std::string find_feed_fault(const net::Response& response);
}
