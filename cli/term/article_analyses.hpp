#pragma once
#include "core/store/own/analyses.hpp"

#include <string>
#include <vector>

// What language models said of an article, for people.
namespace cti::cli {

struct AnalysisLine {
    std::string finding;   // "T1059.001", "Emotet: subject"
    std::string quotation; // that it rests on, as it stands in the text; "": none
};
struct AnalysisPart {
    std::string heading; // "techniques, by mistral:latest, 2026-11-01 08:00"
    std::vector<AnalysisLine> lines;
    long rejected = 0;
};
// Text from outside as it is.
std::vector<AnalysisPart> analysis_parts(const std::vector<store::Analysis>& analyses);
// Drafts of rules as they were stored: YAML that holds nothing but printable characters and line ends.
std::vector<std::string> analysis_drafts(const store::Analysis& analysis);
}
