#include "cli/term/article_analyses.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace cti::cli {
namespace {
using Json = nlohmann::json;

std::string text_in(const Json& object, const char* name) {
    const auto it = object.find(name);
    return it == object.end() || !it->is_string() ? std::string() : it->get<std::string>();
}

const Json& list_in(const Json& object, const char* name) {
    static const Json none = Json::array();
    const auto it = object.is_object() ? object.find(name) : object.end();
    return it == object.end() || !it->is_array() ? none : *it;
}

std::string finding_of(const Json& item) {
    const auto value = text_in(item, "value"), kind = text_in(item, "kind"), role = text_in(item, "role"),
               sentence = text_in(item, "sentence");
    if (!sentence.empty()) return sentence;
    if (value.empty()) return role;
    auto text = kind.empty() || kind == "technique" ? value : fmt::format("{} ({})", value, kind);
    return role.empty() ? text : fmt::format("{}: {}", text, role);
}

void add_lines(AnalysisPart& part, const Json& result) {
    if (const auto score = result.find("score"); score != result.end() && score->is_number_integer())
        part.lines.push_back({fmt::format("{} of 100", score->get<int>()), {}});
    for (const auto& item : list_in(result, "items")) {
        if (!item.is_object()) continue;
        auto finding = finding_of(item);
        for (const auto& evidence : list_in(item, "evidence"))
            if (evidence.is_object())
                part.lines.push_back({std::exchange(finding, {}), text_in(evidence, "quotation")});
    }
}
}

std::vector<AnalysisPart> analysis_parts(const std::vector<store::Analysis>& analyses) {
    std::vector<AnalysisPart> parts;
    for (const auto& analysis : analyses) {
        AnalysisPart part;
        part.heading = fmt::format("{}, by {}", analysis.key.task, analysis.key.model);
        if (analysis.created_at) part.heading += ", " + format_rfc3339(*analysis.created_at);
        const auto result = Json::parse(analysis.result_json, nullptr, false);
        const auto rejected = Json::parse(analysis.rejected_json, nullptr, false);
        if (result.is_object()) add_lines(part, result);
        part.rejected = rejected.is_array() ? static_cast<long>(rejected.size()) : 0;
        parts.push_back(std::move(part));
    }
    return parts;
}

std::vector<std::string> analysis_drafts(const store::Analysis& analysis) {
    std::vector<std::string> drafts;
    const auto result = Json::parse(analysis.result_json, nullptr, false);
    for (const auto& draft : list_in(result, "sigma"))
        if (draft.is_string()) drafts.push_back(draft.get<std::string>());
    return drafts;
}
}
