#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/store/own/source_state.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// What the monitor shows, by statements that stay cheap in a database of years: each is bounded, none reads a
// whole table of texts.
namespace cti::store {

// The last failed check of each source that fails now, by source id.
std::map<int, std::string> last_errors(db::Transaction& transaction, const db::Schema& schema);

struct NewArticle {
    int id = 0;
    std::string source, title, url; // anything that a feed may say
    std::optional<Time> published_at;
    std::optional<double> score = std::nullopt;
};

struct Contents {
    long articles = 0;
    bool is_estimate = false; // above a million: what the server's statistics say
    std::optional<Time> newest_published;
    std::map<int, long> last_24h;                     // source id: articles discovered; of the newest 20,000
    std::vector<std::pair<std::string, long>> by_day; // "2026-11-19" (UTC): discovered, oldest first, 14 days
    std::vector<NewArticle> newest;                   // by id, newest first
    long database_bytes = 0;
    std::map<std::string, long> dead_rows; // table: by the server's statistics
};
Contents read_contents(db::Transaction& transaction, const db::Schema& schema, int newest);

// Until the most overdue source that nobody has in hand can be claimed; 0 or less: now. Nothing: there is no
// source to wait for. early: see ClaimOptions.
std::optional<std::chrono::milliseconds>
time_to_next_due(db::Transaction& transaction, const db::Schema& schema, std::chrono::seconds early);

// The name of the last migration that was applied: "0003_monitor".
std::string last_migration(db::Transaction& transaction);

// Every statement of the transaction ends with an error after so long.
void limit_statements(db::Transaction& transaction, std::chrono::milliseconds longest);
}
