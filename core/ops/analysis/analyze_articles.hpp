#pragma once
#include "core/ops/analysis/ask_model.hpp"
#include "core/ops/intelligence_files.hpp"
#include "core/ops/select_articles.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

// A language model reads articles, and has to prove what it says.
namespace cti::ops {

struct AnalysisCounts {
    long articles = 0, seen = 0;           // that were chosen; of these: looked at so far
    long analyzed = 0, done_before = 0;    // something was stored of them; nothing was left to do
    long failed = 0, gone = 0;             // no answer came; deleted meanwhile
    long requests = 0, retries = 0;        // retries: of them, because something could not be proved
    long tokens_in = 0, tokens_out = 0;    // as the server counts, else estimated
    long kept = 0, rejected = 0;           // items of answers
    std::map<std::string, long> by_reason; // of those rejected
};

struct AnalyzeOptions {
    SelectionOptions selection;
    std::vector<std::string> tasks; // none: all
    ModelEndpoint model;
    std::optional<long> budget_tokens; // no request is begun when so many are used, or may be by others
    std::optional<std::chrono::seconds> max_time;
    bool force = false;   // what is done already is done again
    bool dry_run = false; // nobody is asked: counts and an estimate
    IntelligenceFiles intelligence;
    std::function<void(const AnalysisCounts&)> on_progress; // by one thread at a time
};

enum class AnalysisEnd { all_done, budget, time, stopped, endpoint };

struct AnalyzeResult {
    AnalysisCounts counts; // with dry_run: requests and tokens that there would be, about
    AnalysisEnd end = AnalysisEnd::all_done;
    std::string fault; // with AnalysisEnd::endpoint: what the server said
};

// What was stored of an article by the same task, model and prompt is not done again. Each article is one
// transaction, and none is open while the model is asked. Throws Error(usage) without an endpoint, for an
// unknown task or model, Error(failure) where the endpoint does not answer at the beginning.
AnalyzeResult analyze_articles(const Environment& environment, const AnalyzeOptions& options);

std::vector<std::string> analysis_task_names();
}
