#include "core/store/read/article_analyses.hpp"

#include "core/base/json.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cti::store {
namespace {
using Json = nlohmann::json;

constexpr int k_max_result_depth = 5; // result, items, item, evidence, quotation

std::string text_member(const Json& object, const char* name) {
    const auto it = object.find(name);
    return it == object.end() || !it->is_string() ? std::string() : it->get<std::string>();
}

std::size_t size_member(const Json& object, const char* name) {
    const auto it = object.find(name);
    return it == object.end() || !it->is_number_unsigned() ? 0 : it->get<std::size_t>();
}

// Objects of a list only; nothing where there is no list.
template <class Use>
void for_each_object(const Json& object, const char* name, const Use& use) {
    const auto it = object.find(name);
    if (it == object.end() || !it->is_array()) return;
    for (const auto& each : *it)
        if (each.is_object()) use(each);
}

AnalysisFinding read_analysis_finding(const Json& item) {
    AnalysisFinding finding{text_member(item, "value"), text_member(item, "kind"), text_member(item, "role"),
                            text_member(item, "sentence")};
    const auto named = item.find("named");
    finding.is_named = named != item.end() && named->is_boolean() && named->get<bool>();
    for_each_object(item, "evidence", [&](const Json& evidence) {
        finding.quotations.push_back({size_member(evidence, "start"), size_member(evidence, "end"),
                                      text_member(evidence, "quotation")});
    });
    return finding;
}

void read_result(std::string_view text, ArticleAnalysis& analysis) {
    if (is_nested_deeper(text, k_max_result_depth)) return; // none of cti's
    const auto result = Json::parse(text, nullptr, false);
    if (!result.is_object()) return;
    if (const auto score = size_member(result, "score"); result.contains("score") && score <= 100)
        analysis.score = static_cast<int>(score);
    for_each_object(result, "items",
                    [&](const Json& item) { analysis.findings.push_back(read_analysis_finding(item)); });
}
}

bool has_analyses(db::Transaction& transaction) {
    return flag(run(transaction, "SELECT EXISTS (SELECT 1 FROM cti.analyses)")[0][0]);
}

AnalysesById read_analyses(db::Transaction& transaction, const std::vector<int>& article_ids) {
    db::Params params;
    AnalysesById found;
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT DISTINCT ON (article_id, task) article_id, task, task_version, model, model_digest, {}, result
        FROM cti.analyses
        WHERE article_id = ANY ({}::int[])
        ORDER BY article_id, task, created_at DESC, task_version DESC, model, model_digest, prompt_sha256)sql",
                                           read_moment("created_at"), params.add(int_array(article_ids))),
                               params)) {
        auto& analysis = found[number<int>(row[0])].emplace_back();
        analysis.task = text(row[1]), analysis.task_version = number<int>(row[2]);
        analysis.model = text(row[3]), analysis.model_digest = text(row[4]);
        analysis.created_at = maybe_time(row[5]);
        read_result(view(row[6]), analysis);
    }
    return found;
}
}
