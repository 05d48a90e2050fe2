#pragma once
#include "core/import/record.hpp"
#include "core/sqlite/database.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// What the tables of the former command-line tool are called, and which of their columns a file has: each
// version of it had others.
namespace cti::sqlite {

// Of a query that begins with them.
enum ArticleColumn {
    k_url,
    k_title,
    k_content,
    k_published,
    k_discovered,
    k_created,
    k_authors,
    k_tags,
    k_summary,
    k_source
};

struct ArticleTable {
    std::string rowid;  // what its rows are counted by is called
    std::string select; // all columns of ArticleColumn, NULL for those that it lacks
};
// Throws Error(usage) where there is no such table, or it lacks what an article needs.
ArticleTable find_article_table(Database& database);

struct OldSource {
    std::string identifier, name, url, rss_url; // as they stand there: nothing is checked
};
// By their ids. Empty where there is no such table; nothing of rows without an identifier, or above 100,000.
std::map<std::int64_t, OldSource> read_old_sources(Database& database);
}
