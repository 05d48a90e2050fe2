#pragma once
#include "core/base/json.hpp"
#include "core/model/article.hpp"

#include <string>

// What a language model said of an article, as formats tell it.
namespace cti::exporter {

// Whether it found anything, or gave a score.
bool says_anything(const ArticleAnalysis& analysis);
// "T1059.001", "Emotet (malware): subject", or the sentence. Text from outside.
std::string describe_finding(const AnalysisFinding& finding);

// The member `analyses` of an article, and a cell of a table.
void write_analyses(JsonWriter& json, const StoredArticle& article);
void append_analyses(std::string& cell, const StoredArticle& article);

enum class Absent { null, left_out };
// [{"value", "kind", "role", "sentence", "named", "evidence": [{"start", "end", "quotation"}]}]
void write_analysis_findings(JsonWriter& json, const ArticleAnalysis& analysis, Absent absent);

// Plain text: that a model says it, then each finding with the sentences that it rests on.
std::string analysis_text(const ArticleAnalysis& analysis);
}
