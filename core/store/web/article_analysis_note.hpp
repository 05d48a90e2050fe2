#pragma once
#include "core/db/schema.hpp"

#include <string>

// What a language model read in an article, where the web service's pages and queries find it.
namespace cti::store {

// Puts the members of tasks_json, an object of tasks, into article_metadata.llm_analysis.tasks; other tasks
// stay. Where that key is somebody else's, or the row's metadata are no readable object, nothing is written.
void note_analyses(db::Transaction& transaction, const db::Schema& schema, int article_id,
                   const std::string& tasks_json);
}
