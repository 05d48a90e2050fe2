#pragma once
#include "core/ops/environment.hpp"
#include "core/store/own/analyses.hpp"
#include "core/store/read/articles.hpp"
#include "core/store/read/origin.hpp"

#include <string_view>
#include <vector>

namespace cti::ops {

// All that is known of one article.
struct WholeArticle {
    StoredArticle article;           // with its text, and with all that was found in it
    std::vector<StoredArticle> near; // that say nearly the same, without their texts
    store::Origin origin;
    std::vector<store::Analysis> analyses; // by language models: the last of each task
};

// `which`: its id, or its address, which may be defanged and differ in its scheme and in a slash at its end.
// Throws Error(usage) for what is neither, and where there is none.
int find_article(db::Transaction& tx, const db::Schema& schema, std::string_view which);

// Throws Error(usage) where it is not there, or archived.
StoredArticle get_article(db::Transaction& tx, const db::Schema& schema, int id, const store::Detail& detail);
WholeArticle get_whole_article(db::Transaction& tx, const db::Schema& schema, int id);
}
