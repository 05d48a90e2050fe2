#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/search/query.hpp"

#include <string>
#include <vector>

// Queries as conditions on public.articles, and the words that they look into: cti.article_words.
namespace cti::db {
class Params;
}

namespace cti::store {

// What a query asks of the row `a` of public.articles: `where`, which refers to the subqueries of `with`
// (each "name AS (…)"). All values are parameters. Articles whose words are not yet in the index are read
// themselves, so that the index is never more than a shortcut.
struct SearchCondition {
    std::vector<std::string> with;
    std::string where;
};
SearchCondition make_condition(const search::Query& query, const db::Schema& schema, const std::string& zone,
                               long indexed_to, db::Params& params);

// All articles up to this id have their words in the index.
long read_indexed_to(db::Transaction& transaction);
// How many are not; counts to `most` at most.
long count_unindexed(db::Transaction& transaction, long most);

// Reads the words of the next articles: those without, and those whose text has changed since. At most `most`
// articles and about 8 MiB of text; returns how many. `from`: looks at articles above this id; the last one
// looked at comes back in it.
long index_words(db::Transaction& transaction, const db::Schema& schema, int most, int& from);
// The same for these articles. Those whose words are there already are left out.
void index_words_of(db::Transaction& transaction, const db::Schema& schema, const std::vector<int>& ids);
// Writes down the words that come with these articles, and forgets those of the others, whose text is another
// one now: index_words_of() reads them. record_check() does this.
struct NewWords {
    int article_id = 0;
    const Article* article = nullptr;
};
void replace_words(db::Transaction& transaction, const db::Schema& schema,
                   const std::vector<NewWords>& articles);
// To be called when index_words() has nothing left: what is older than an hour counts as indexed from now on.
// Younger articles may still be committed by others below the highest id.
void note_indexed(db::Transaction& transaction, const db::Schema& schema);
// Reads all words again from now on.
void forget_words(db::Transaction& transaction);
}
