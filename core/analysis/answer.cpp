#include "core/analysis/answer.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cti::analysis {
namespace {
using Json = nlohmann::json;

constexpr int k_max_answer_depth = 4; // object, list, item, its quotations
constexpr std::size_t k_max_text_bytes = 4000, k_max_told_bytes = 200;

// Takes the text of a member out of the ones that are still to be explained; false where it is none.
bool take_text(const Json& item, const char* name, std::string& out, std::size_t& members) {
    const auto it = item.find(name);
    if (it == item.end() || !it->is_string()) return false;
    out = it->get<std::string>();
    ++members;
    return !out.empty() && out.size() <= k_max_text_bytes;
}

bool take_quotations(const Json& item, int most, std::vector<std::string>& out, std::size_t& members) {
    const auto it = item.find("quotations");
    if (it == item.end() || !it->is_array() || it->size() > static_cast<std::size_t>(most)) return false;
    for (const auto& each : *it) {
        if (!each.is_string() || each.get_ref<const std::string&>().size() > k_max_text_bytes) return false;
        out.push_back(each.get<std::string>());
    }
    ++members;
    return true;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

// False where it is no item of the schema; what could be read of it is in `out` in any case.
bool read_item(const Task& task, const Json& item, ClaimedItem& out) {
    if (!item.is_object()) return false;
    std::size_t members = 0;
    bool is_fit = true;
    const auto want = [&](bool is_read) { is_fit = is_read && is_fit; };
    if (task.rule != ValueRule::none) want(take_text(item, "value", out.value, members));
    if (!task.kinds.empty())
        want(take_text(item, "kind", out.kind, members) && is_one_of(out.kind, task.kinds));
    if (!task.roles.empty())
        want(take_text(item, "role", out.role, members) && is_one_of(out.role, task.roles));
    if (task.has_sentence) want(take_text(item, "sentence", out.sentence, members));
    want(take_quotations(item, task.max_quotations, out.quotations, members));
    return is_fit && members == item.size();
}

bool read_score(const Json& json, std::optional<int>& score) {
    const auto it = json.find("score");
    if (it == json.end() || !it->is_number_integer()) return false;
    const auto number = it->get<std::int64_t>();
    if (number < 0 || number > 100) return false;
    score = static_cast<int>(number);
    return true;
}

std::optional<RejectReason> find_fault(std::string_view text) {
    if (trim(text).empty()) return RejectReason::answer_empty;
    if (text.size() > k_max_answer_bytes) return RejectReason::answer_too_large;
    if (is_nested_deeper(text, k_max_answer_depth)) return RejectReason::answer_wrong_schema;
    return std::nullopt;
}
}

Rejected reject_item(const ClaimedItem& item, RejectReason reason) {
    const auto cut = [](const std::string& text) {
        return printable(head_code_points(text, k_max_told_bytes));
    };
    const auto& said = !item.value.empty() ? item.value : !item.sentence.empty() ? item.sentence : item.role;
    return {reason, cut(said), item.quotations.empty() ? std::string() : cut(item.quotations.front())};
}

Answer parse_answer(const Task& task, std::string_view text) {
    Answer answer;
    if ((answer.fault = find_fault(text))) return answer;
    const auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return answer.fault = RejectReason::answer_not_json, answer;
    const std::size_t members = task.has_score ? 2 : 1;
    const bool is_fit = json.is_object() && json.size() == members && json.contains("items") &&
                        json["items"].is_array() && (!task.has_score || read_score(json, answer.score));
    if (!is_fit) return answer.fault = RejectReason::answer_wrong_schema, answer;
    for (const auto& each : json["items"]) {
        ClaimedItem item;
        const bool is_item = read_item(task, each, item);
        const bool is_beyond = answer.items.size() >= static_cast<std::size_t>(task.max_items);
        if (is_item && !is_beyond)
            answer.items.push_back(std::move(item));
        else if (answer.rejected.size() < static_cast<std::size_t>(task.max_items))
            answer.rejected.push_back(
                reject_item(item, is_item ? RejectReason::too_many_items : RejectReason::item_wrong_schema));
    }
    return answer;
}
}
