#pragma once
#include "core/analysis/prompt.hpp"
#include "core/analysis/wire.hpp"
#include "core/base/clock.hpp"
#include "core/ops/analysis/ask_model.hpp"
#include "core/store/own/analyses.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// One task on one article: what is asked, and what comes of the answers. Knows no database.
namespace cti::ops {

// What a task asks of a text. It looks into the text, which outlives it.
struct AnalysisPlan {
    const analysis::Task* task = nullptr;
    std::string_view text;
    std::vector<analysis::Piece> pieces; // that are asked about: not those without a candidate
    std::vector<analysis::Prompt> prompts;
    std::size_t read_bytes = 0;
    std::string prompt_sha256; // of all that is asked, with the settings
};
AnalysisPlan plan_analysis(const analysis::Task& task, std::string_view text,
                           const analysis::Candidates& candidates, const analysis::ChatSettings& settings);

// Tokens that its questions and answers take, about.
struct TokenEstimate {
    long requests = 0, in = 0, out = 0;
};
TokenEstimate estimate_tokens(const AnalysisPlan& plan, const analysis::ChatSettings& settings);

// nullopt: nothing more may be asked.
using AskModel = std::function<std::optional<ModelReply>(const analysis::Prompt&)>;

struct AnalysisDone {
    bool is_complete = false; // all pieces have an answer
    std::string fault;        // why not, where the endpoint had none
    bool is_hopeless = false;
    analysis::Proved proved;
    int requests = 0, retries = 0;
    long tokens_in = 0, tokens_out = 0;
    std::chrono::microseconds duration{0};
};
// Each piece once, and once more where something of the answer could not be proved; then what the pieces gave
// is joined, by one more request where the task says so.
AnalysisDone run_analysis(const AnalysisPlan& plan, const AskModel& ask);
}
