#pragma once
#include "core/base/time.hpp"
#include "core/db/database.hpp"

#include <optional>
#include <string>
#include <vector>

// What language models said of articles and could prove: cti.analyses.
namespace cti::store {

// What makes an analysis the same as another one of its article.
struct AnalysisKey {
    std::string task;
    int task_version = 0;
    std::string model, model_digest, prompt_sha256;
    bool operator==(const AnalysisKey&) const = default;
};

struct Analysis {
    AnalysisKey key;
    std::string settings_json, result_json, rejected_json;
    std::vector<std::string> terms = {}; // that a search finds it by, in small letters
    int requests = 0;
    long tokens_in = 0, tokens_out = 0, duration_ms = 0;
    std::optional<Time> created_at; // by the server
};

std::vector<AnalysisKey> find_analysis_keys(db::Transaction& transaction, int article_id);
// The last one of each task, by the task's name.
std::vector<Analysis> find_last_analyses(db::Transaction& transaction, int article_id);

// One that is there already is replaced. False where the article is gone: nothing is written then.
bool write_analyses(db::Transaction& transaction, int article_id, const std::vector<Analysis>& analyses);
}
