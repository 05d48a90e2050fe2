#pragma once
#include "core/db/database.hpp"
#include "core/model/analysis.hpp"

#include <unordered_map>
#include <vector>

// What language models said of articles, as exports tell it.
namespace cti::store {

// Whether there is any at all.
bool has_analyses(db::Transaction& transaction);

using AnalysesById = std::unordered_map<int, std::vector<ArticleAnalysis>>;
// By article: the last one of each task, by the task's name. One statement.
AnalysesById read_analyses(db::Transaction& transaction, const std::vector<int>& article_ids);
}
