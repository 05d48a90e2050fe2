#pragma once
#include "core/store/own/derived.hpp"

// What is in the articles' texts: cti.indicators.
namespace cti::store {

void insert_findings(db::Transaction& transaction, const std::vector<DerivedArticle>& articles);
void remove_findings(db::Transaction& transaction, const std::vector<int>& article_ids);
}
