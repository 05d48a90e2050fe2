#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// What is made of articles' texts, and the account of it: cti.derived has a row for each article and step
// that was run on it. Nothing else says what is done.
namespace cti::store {

// What the steps made of an article; article->steps says which were run.
struct DerivedArticle {
    int article_id = 0;
    const Article* article = nullptr;
};

// In the transaction that stores the articles. Of `changed` everything that was made of the old text goes.
// Returns how many of `fresh` are near to an earlier article. record_check() does this.
int write_derived(db::Transaction& transaction, const db::Schema& schema,
                  const std::vector<DerivedArticle>& fresh, const std::vector<DerivedArticle>& changed);

// An article on which a step was not run, or an older version of it, or whose text has changed since.
struct PendingArticle {
    int id = 0;
    bool is_own = false; // cti stored it
    std::optional<long> text_key;
    std::string url, title, content; // empty where the step does not read them
};
struct PendingBatch {
    std::vector<PendingArticle> articles; // by their ids
    int last_id = 0;                      // where the next batch goes on
};
// Which of them: all, or those that have a row which says so (cti.derived, version 0), which an index finds.
enum class PendingRows { all, marked };
// `max_articles` of them at most, and about 8 MiB of text; archived ones too. Empty: there is none above
// `after_id`.
PendingBatch find_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                          StepReads reads, long after_id, int max_articles,
                          PendingRows rows = PendingRows::all);
// All of them, with their texts, where those up to `done_to` are done or marked.
void for_each_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                      long done_to, int max_at_once, const std::function<void(const PendingArticle&)>& visit);
long count_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step);
// The same, counting to `max`, where those up to `done_to` are done or marked.
long count_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step, long done_to,
                   long max);

// What a step made of a pending article; where article->steps does not name the step, there was nothing to
// make here.
struct MadeArticle {
    const PendingArticle* pending = nullptr;
    const Article* article = nullptr;
};
// Writes it, of articles that are still there and that nobody else has brought to this version meanwhile.
// Returns of how many.
long write_pending(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                   const std::vector<MadeArticle>& articles);

// What batches leave to be tidied, a part of it: in a transaction of its own. Returns of how many articles
// something was rewritten; 0: nothing more is to be done.
long tidy_step(db::Transaction& transaction, std::string_view step);
// Gives the room of what was rewritten to what is written next. Nothing where the role may not.
void vacuum_step(db::Database& database, std::string_view step);

// From now on the step is pending for all articles. What it made stays until it is made again; of the search
// index nothing stays, as articles are read meanwhile.
void forget_step(db::Transaction& transaction, std::string_view step);
}
