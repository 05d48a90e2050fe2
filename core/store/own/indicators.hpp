#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"

#include <vector>

// What is in the articles' texts: cti.indicators and cti.extractions.
namespace cti::store {

struct NewFindings {
    int article_id = 0;
    const Article* article = nullptr;
};
// Writes down the findings of these articles in place of what was known of them. Those whose text was not
// looked through (extractor_version 0) are left out. record_check() does this.
void replace_findings(db::Transaction& transaction, const std::vector<NewFindings>& articles);

// An article that nobody, or an older extractor, has looked through.
struct UnreadArticle {
    int id = 0;
    std::string url, title, content;
};
struct UnreadBatch {
    std::vector<UnreadArticle> articles; // by their ids
    int last_id = 0;                     // where the next batch goes on
};
// `most` of them at most, and about 8 MiB of text; archived ones too. Empty: there is none above `after_id`.
UnreadBatch find_unread(db::Transaction& transaction, const db::Schema& schema, int version, int after_id,
                        int most);
// How many there are.
long count_unread(db::Transaction& transaction, int version);

// From now on all articles count as unread.
void forget_extractions(db::Transaction& transaction);

// Like replace_findings(), but only of articles that are there and that no equal or newer version has read
// meanwhile. Returns how many were written.
long replace_older_findings(db::Transaction& transaction, const std::vector<NewFindings>& articles);
}
