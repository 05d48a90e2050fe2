#include "core/export/analyses.hpp"

#include <fmt/format.h>

namespace cti::exporter {
namespace {

void write_evidence(JsonWriter& json, const AnalysisFinding& finding) {
    json.key("evidence").begin_array();
    for (const auto& quotation : finding.quotations) {
        json.begin_object().member("start", quotation.start).member("end", quotation.end);
        json.member("quotation", quotation.text).end_object();
    }
    json.end_array();
}
}

bool says_anything(const ArticleAnalysis& analysis) { return analysis.score || !analysis.findings.empty(); }

std::string describe_finding(const AnalysisFinding& finding) {
    if (!finding.sentence.empty()) return finding.sentence;
    if (finding.value.empty()) return finding.role;
    auto text = finding.value;
    if (!finding.kind.empty() && finding.kind != "technique") text += " (" + finding.kind + ')';
    return finding.role.empty() ? text : text + ": " + finding.role;
}

void write_analysis_findings(JsonWriter& json, const ArticleAnalysis& analysis, Absent absent) {
    json.begin_array();
    for (const auto& finding : analysis.findings) {
        const auto write = [&](const char* name, const std::string& text) {
            if (!text.empty() || absent == Absent::null) json.member_or_null(name, text);
        };
        json.begin_object();
        write("value", finding.value);
        write("kind", finding.kind);
        write("role", finding.role);
        write("sentence", finding.sentence);
        if (!finding.value.empty())
            json.member("named", finding.is_named);
        else if (absent == Absent::null)
            json.key("named").null();
        if (!finding.quotations.empty() || absent == Absent::null) write_evidence(json, finding);
        json.end_object();
    }
    json.end_array();
}

void write_analyses(JsonWriter& json, const StoredArticle& article) {
    json.begin_array();
    for (const auto& analysis : article.analyses) {
        json.begin_object().member("task", analysis.task).member("task_version", analysis.task_version);
        json.member("model", analysis.model).member_or_null("model_digest", analysis.model_digest);
        json.member("created_at", format_rfc3339(analysis.created_at)).member("score", analysis.score);
        json.key("findings");
        write_analysis_findings(json, analysis, Absent::null);
        json.end_object();
    }
    json.end_array();
}

void append_analyses(std::string& cell, const StoredArticle& article) {
    for (const auto& analysis : article.analyses)
        for (const auto& finding : analysis.findings) {
            if (!cell.empty()) cell += "; ";
            cell += analysis.task + ": " + describe_finding(finding);
        }
}

std::string analysis_text(const ArticleAnalysis& analysis) {
    auto text =
        fmt::format("The language model {} read this in the report, and nobody has checked it. What a "
                    "finding rests on stands below it, as the report says it.\n",
                    analysis.model);
    if (analysis.score) text += fmt::format("\nScore: {} of 100\n", *analysis.score);
    for (const auto& finding : analysis.findings) {
        text += '\n' + describe_finding(finding) + '\n';
        for (const auto& quotation : finding.quotations) text += "  \"" + quotation.text + "\"\n";
    }
    return text;
}
}
