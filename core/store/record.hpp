#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/store/own/seen_entries.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Writing what one check of one source, or an import, brought.
namespace cti::store {

// The articles whose canonical_url the addresses are (archived rows too), so that nothing known is cleaned
// and hashed again.
std::vector<std::optional<int>> find_known_urls(db::Transaction& transaction,
                                                const std::vector<std::string>& urls);

// When these articles were published; those that are gone are left out.
std::map<int, Time> find_published(db::Transaction& transaction, const db::Schema& schema,
                                   const std::vector<int>& article_ids);

// The new text of an article of this source. Left alone: archived rows, rows that annotations, highlights or
// analyses of the web service refer to, and texts that another row has.
struct ArticleUpdate {
    int article_id = 0;
    Article article;
};

// Articles of one source that are to be stored, whoever brings them.
struct ArticleRecord {
    int source_id = 0;
    std::vector<Article> articles; // candidates, newest first
    std::vector<ArticleUpdate> updates;
    std::vector<SeenEntry> seen;                          // entries that were triaged
    DeletedArticles deleted = DeletedArticles::stay_away; // what candidates are that somebody has deleted
};

struct CheckRecord : ArticleRecord {
    std::string lease_token; // of the claim; empty: without one, whoever holds it
    bool success = true;
    bool by_hand = false; // a failure then neither counts nor puts off what was planned
    CheckMethod method = CheckMethod::rss;
    std::string error; // empty when it succeeded
    double response_time_s = 0;
    int articles_found = 0;           // entries of the feed
    std::string metadata_json = "{}"; // source_checks.check_metadata: counts and drop reasons
    std::string feed_url;             // of the source when it was claimed
    std::optional<std::string>
        cursor; // nothing: the one that is kept stays, unless feed_url is another one now
    std::optional<std::chrono::seconds>
        next_check_in;                   // from now; empty: last_check and check_frequency decide
    std::string wait_reason;             // why it is later than check_frequency says
    std::optional<std::string> moved_to; // where permanent redirects led to; what is there must have parsed
    bool gone = false;                   // HTTP 410
};

struct Recorded {
    // The lease is somebody else's: nothing was written, the other one will record the source.
    bool fenced = false;
    // This very record stands there already: an earlier try was committed although its answer was lost.
    // Nothing was written now, and what that try returned holds.
    bool repeated = false;
    std::vector<bool> inserted; // one for each candidate
    int count = 0, near_duplicate = 0, updated = 0;
    int deleted = 0;          // candidates that are articles which somebody has deleted
    std::vector<int> written; // ids of articles that are new or have changed
    // Candidates that the database refused, with its words ("title: value too long …"); the others are stored
    // all the same.
    std::vector<std::pair<std::size_t, std::string>> refused;
    std::string moved_to;        // not empty: the source has this address from now on
    std::string disabled_reason; // not empty: the source has been set inactive
};
constexpr int k_sightings = 3; // equal ones in a row, until a redirect or a 410 is believed

// Everything in the caller's transaction: articles (only those whose canonical_url and whose three hashes are
// nobody's), content_hashes, near-duplicates, updates, entries seen, one row in source_checks, health and
// counters of the source, its cursor, the next check, and the end of the lease. A process that dies has
// recorded all of it or nothing. Concurrent calls that want to store the same article take turns, so nothing
// is stored twice even where the unique indexes are gone; others do not wait for each other. Throws
// LockTimeout where somebody holds what it needs.
Recorded record_check(db::Transaction& transaction, const db::Schema& schema, const CheckRecord& record);

// Articles that come without a check: all of record_check() that concerns them, under the same locks. No row
// of source_checks; health, cursor and next check of the source stay as they are. `updates` are left out.
Recorded record_import(db::Transaction& transaction, const db::Schema& schema, const ArticleRecord& record);

// What record_import() would find now; changes nothing, and the source need not be there yet.
struct KnownArticles {
    std::vector<std::optional<int>> holders; // for each candidate the article that has its URL or a hash
    std::map<std::size_t, int> deleted;      // candidates that somebody has deleted, with the ids they had
};
KnownArticles find_known_articles(db::Transaction& transaction, const ArticleRecord& record);
}
