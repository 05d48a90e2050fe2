#pragma once
#include "core/model.hpp"
#include "core/store/own/derived.hpp"

// The words that `search` looks up: cti.article_words.
namespace cti::store {

// Writes down the words that come with these articles in place of what was known of them.
void replace_words(db::Transaction& transaction, const std::vector<DerivedArticle>& articles);
// Forgets them: their text is another one now, and only the server can read it.
void remove_words(db::Transaction& transaction, const std::vector<DerivedArticle>& articles);
// Lets the server read the words of these articles. Those whose words are there already are left out.
void index_words_of(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                    const std::vector<int>& ids);
}
