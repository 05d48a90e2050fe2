#include "core/store/own/locks.hpp"

#include "core/store/sql.hpp"

#include <algorithm>

namespace cti::store {

// The rows are gone when the transaction ends, one way or the other: what others wait for is their key in the
// unique index. Not advisory locks: each of those takes a place in the server's lock table, and a feed of
// 5,000 entries would fill it. The same order for all, so that nobody waits in a circle.
void lock_article_keys(db::Transaction& transaction, std::vector<std::string> keys) {
    std::ranges::sort(keys);
    db::TextArray array;
    bool any = false;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!keys[i].empty() && (i == 0 || keys[i] != keys[i - 1])) array.add(keys[i]), any = true;
    if (!any) return;
    db::Params params;
    params.add(array.finish());
    run(transaction, R"sql(
        INSERT INTO cti.article_keys (key)
        SELECT DISTINCT hashtextextended(k.key, 0) AS hash
        FROM unnest($1::text[]) AS k (key)
        ORDER BY hash
        ON CONFLICT DO NOTHING)sql",
        params);
    run(transaction, R"sql(
        DELETE FROM cti.article_keys
        WHERE key IN (SELECT hashtextextended(k.key, 0) FROM unnest($1::text[]) AS k (key)))sql",
        params);
}

void lock_new_sources(db::Transaction& transaction) {
    run(transaction, "SELECT pg_advisory_xact_lock(6582889002)");
}
}
