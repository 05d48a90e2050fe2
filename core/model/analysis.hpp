#pragma once
#include "core/base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cti {

// [start, end): bytes of the text as it was when it was read.
struct AnalysisQuotation {
    std::size_t start = 0, end = 0;
    std::string text;
};

struct AnalysisFinding {
    std::string value, kind, role, sentence; // "": the task has none
    bool is_named = false;                   // a quotation holds the value itself
    std::vector<AnalysisQuotation> quotations = {};
};

// What a language model said of an article in one task, and could show in its text. No fact: which sentence
// means what is the model's opinion.
struct ArticleAnalysis {
    std::string task;
    int task_version = 0;
    std::string model, model_digest; // digest "": the server did not say it
    std::optional<Time> created_at;
    std::optional<int> score; // 0 to 100, of tasks that have one
    std::vector<AnalysisFinding> findings;
};
}
