#pragma once
#include "core/db/database.hpp"

#include <string>
#include <vector>

namespace cti::store {

// Of everybody who wants to store an article with one of these keys (an address, a content hash), one at a
// time goes on, and the others wait until its transaction has ended: "is it there already?" and "then insert
// it" are one step even where the unique indexes of public.articles are gone. Writers of other articles never
// meet. Call it before the statement that looks.
void lock_article_keys(db::Transaction& transaction, std::vector<std::string> keys);

// Writers of new sources take turns, for the same reason; they are few.
void lock_new_sources(db::Transaction& transaction);
}
