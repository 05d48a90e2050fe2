#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/store/sql.hpp"

#include <cstddef>
#include <string>
#include <vector>

// What inserting and updating public.articles share.
namespace cti::store {

struct BatchRow {
    std::size_t position; // whatever the caller wants to know the row by
    const Article* article;
};
// "unnest(…) AS c (position, url, …)": the articles as text arrays, one for each column.
std::string unnest_articles(const db::Schema& schema, const std::vector<BatchRow>& rows, db::Params& params);

struct HashRow {
    std::string hash;
    int article_id;
};
void insert_hashes(db::Transaction& transaction, const db::Schema& schema, const std::vector<HashRow>& rows);

// Whether the metadata of the row `a` of public.articles can be added to: PostgreSQL cannot read a value
// beside "\u0000", and what is no object has no members.
inline constexpr const char* k_has_readable_metadata = R"sql((CASE
                   WHEN position('\u0000' IN a.article_metadata::text) > 0 THEN false
                   ELSE jsonb_typeof(a.article_metadata::jsonb) = 'object'
               END))sql";

// What one row can be to blame for: its data, a constraint, a limit, a trigger.
bool is_about_a_row(const db::SqlError& error);
}
