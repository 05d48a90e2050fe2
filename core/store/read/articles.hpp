#pragma once
#include "core/db/schema.hpp"
#include "core/model/article.hpp"
#include "core/search/query.hpp"
#include "core/store/own/export_cursors.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Reading public.articles.
namespace cti::store {

enum class Order {
    newest,
    oldest,
    score,
    best, // the highest score first, of equal ones the newest
};        // ties: by id, in the same direction

struct Selection {
    std::optional<Time> since, until; // half-open
    bool by_discovered = false;       // the time that `since` and `until` are about; else published_at
    std::vector<int> source_ids;      // empty: all
    std::vector<std::string> tags;    // any of them, whatever the case; empty: all
    std::optional<double> min_score;
    const search::Query* query = nullptr;      // not owned
    std::optional<std::vector<int>> ids;       // these only
    std::string unread_by;                     // those that this reader has not marked as read; "": all
    std::optional<ExportCursor::Place> behind; // those that were not yet handed out
    std::function<bool(const StoredArticle&)> accept; // looked at here, one by one; empty: all
    std::optional<long> limit;
    Order order = Order::newest;
};

// What is read of an article beside its small columns.
struct Detail {
    bool content = true, findings = false, score = true;
    std::vector<IndicatorType> types; // of findings; empty: all
    bool marked = false;              // findings with a verdict too
    bool system_files = false;        // those with this verdict in any case
    bool discovered_at = true;
    bool analyses = false; // by language models
};

// Which they are, in their order, by one statement: for a page of a list. Needs a limit and no `accept`.
std::vector<int> find_article_ids(db::Transaction& transaction, const db::Schema& schema,
                                  const Selection& selection);

// Archived ones left out, in one snapshot and in memory that does not depend on their number: portions of
// about 4 MiB, the next one being fetched while this one is used. Returns how many there were. The callback
// may throw to stop.
long for_each_article(db::Transaction& transaction, const db::Schema& schema, const Selection& selection,
                      const Detail& wanted, const std::function<void(const StoredArticle&)>& use);
}
