#pragma once
#include "core/base/time.hpp"
#include "core/db/schema.hpp"

#include <optional>
#include <string>
#include <vector>

// What `stats` and /api/stats count. Archived articles are left out.
namespace cti::store {

struct Stats {
    long sources = 0, active_sources = 0,
         failing_sources = 0, // failing: active with 3 or more failures in a row
        warning_sources = 0;  // active with 1 or 2
    long silent_sources = 0;  // active, and their newest article is older than 30 days, or there is none
    long articles = 0, articles_24h = 0, articles_7d = 0, articles_30d = 0; // by discovered_at
    std::optional<Time> oldest, newest;                                     // published_at
    std::optional<Time> last_discovered;
    long near_duplicates = 0; // articles that are nearly the same as an earlier one
    long database_bytes = 0;
    struct PerSource {
        std::string identifier;
        long articles = 0;
        std::optional<Time> newest;
    };
    std::vector<PerSource> per_source; // most articles first
    struct PerDay {
        std::string day; // 2026-11-21, in UTC
        long articles = 0;
    };
    std::vector<PerDay> per_day; // the last 30 days by discovered_at, each of them, today last
    struct PerType {
        std::string type;
        long indicators = 0, marked = 0; // marked: of them, by a verdict
    };
    std::vector<PerType> per_type; // most first; one for each value of an article
    struct PerTable {
        std::string table;
        long bytes = 0; // with indexes
    };
    std::vector<PerTable> per_table; // largest first: public.articles and those of cti
};
Stats read_stats(db::Transaction& transaction, const db::Schema& schema);
}
