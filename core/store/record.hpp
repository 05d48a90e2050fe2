#pragma once
#include "core/model.hpp"
#include "core/store/schema.hpp"

#include <optional>
#include <string>
#include <vector>

// Writing what one check of one source brought.
namespace cti::store {

// Those of the addresses that already are somebody's canonical_url (archived rows too), so that nothing known is cleaned and hashed again.
std::vector<bool> find_known_urls(Transaction& transaction, const std::vector<std::string>& urls);

struct CheckRecord {
    int source_id = 0;
    bool success = true;
    std::string method = "rss";
    std::string error;                    // empty when it succeeded
    double response_time_s = 0;
    int articles_found = 0;               // entries of the feed
    std::string metadata_json = "{}";     // source_checks.check_metadata: counts and drop reasons
    std::optional<Validators> validators; // empty: those that are kept stay
    std::vector<Article> articles;        // candidates, newest first
};

struct Recorded {
    std::vector<bool> inserted; // one for each candidate
    int count = 0;
    // Candidates that the database refused, with its words ("title: value too long …"); the others are stored all the same.
    std::vector<std::pair<std::size_t, std::string>> refused;
};
// Everything in the caller's transaction: articles (only those whose canonical_url and whose three hashes are nobody's),
// content_hashes, one row in source_checks, health and counters of the source, validators. A process that dies has
// recorded all of it or nothing. Concurrent calls take turns under a transaction-level advisory lock, so nothing is stored twice
// even where the unique indexes are gone.
Recorded record_check(Transaction& transaction, const Schema& schema, const CheckRecord& record);
}
