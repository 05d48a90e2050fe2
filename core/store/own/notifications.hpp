#pragma once
#include "core/db/schema.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

// Events for the webhook: cti.notifications. The key of an event names it, so any number of replicas may
// report the same one; each is handed out to one of them at a time.
namespace cti::store {

struct Event {
    std::string key;     // "source_failing/12/1763…": what, of what, since when
    std::string payload; // JSON
};
// Those that were not known become rows. Returns how many.
long add_events(db::Transaction& transaction, const std::vector<Event>& events);
// Keys that begin so, of the last 90 days.
std::vector<std::string> event_keys(db::Transaction& transaction, const std::string& prefix);

struct Delivery {
    Event event;
    int attempts = 0; // with this one
};
// The oldest that is to be delivered now, for this caller alone until `lease` has passed.
std::optional<Delivery> claim_delivery(db::Transaction& transaction, std::chrono::seconds lease);
void finish_delivery(db::Transaction& transaction, const std::string& key);
// To be tried again after `wait`; nothing: given up.
void fail_delivery(db::Transaction& transaction, const std::string& key, const std::string& error,
                   std::optional<std::chrono::seconds> wait);

struct ScoredArticle {
    int id = 0;
    std::string source, title, url;
    double score = 0;
};
// Articles that came after the first call of all, of the newest 2,000, with at least this
// threat_hunting_score.
std::vector<ScoredArticle> find_high_scores(db::Transaction& transaction, const db::Schema& schema,
                                            double min_score);
}
