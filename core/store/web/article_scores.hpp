#pragma once
#include "core/store/own/derived.hpp"

// Hunt scores of articles that are stored already.
namespace cti::store {

// Puts the members of each article's metadata_json over those that its row has; others stay. A row whose
// score is another one by now was scored by somebody else since, and is theirs. What is not readable as an
// object is left alone. The caller holds the locks of the rows.
void update_scores(db::Transaction& transaction, const db::Schema& schema,
                   const std::vector<DerivedArticle>& articles);
}
