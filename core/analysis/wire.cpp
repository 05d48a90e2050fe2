#include "core/analysis/wire.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cti::analysis {
namespace {
using Json = nlohmann::json;

constexpr int k_max_wire_depth = 12;
constexpr std::size_t k_max_wire_models = 1000;

std::string base_of(Api api, std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    for (const std::string_view end : {"/chat/completions", "/chat", "/generate"})
        if (url.ends_with(end)) url.remove_suffix(end.size());
    const std::string_view version = api == Api::openai ? "/v1" : "/api";
    return std::string(url) + (url.ends_with(version) ? "" : std::string(version));
}

// The context that Ollama makes room for: one of few sizes, as each change loads the model again.
long context_size(long tokens) {
    long size = 4096;
    while (size < tokens && size < 131'072) size *= 2;
    return size;
}

void write_messages(JsonWriter& json, const Prompt& prompt) {
    json.key("messages").begin_array();
    for (const auto& message : prompt.messages)
        json.begin_object().member("role", message.role).member("content", message.content).end_object();
    json.end_array();
}

Json parse_bounded(std::string_view text) {
    if (is_nested_deeper(text, k_max_wire_depth)) return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
}

// The objects of a body: one, or one a line, each maybe behind "data:".
bool split_objects(std::string_view body, std::vector<Json>& out) {
    if (auto whole = parse_bounded(body); whole.is_object()) {
        out.push_back(std::move(whole));
        return true;
    }
    for (auto line : split(body, '\n')) {
        line = trim(line);
        if (line.empty() || line.starts_with(':') || line.starts_with("event:")) continue;
        if (line.starts_with("data:")) line = trim(line.substr(5));
        if (line == "[DONE]") continue;
        auto object = parse_bounded(line);
        if (!object.is_object()) return false;
        out.push_back(std::move(object));
    }
    return !out.empty();
}

const Json& member_of(const Json& object, const char* name) {
    static const Json none;
    if (!object.is_object()) return none;
    const auto it = object.find(name);
    return it == object.end() ? none : *it;
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<long> count_in(const Json& value) {
    if (!value.is_number_integer()) return std::nullopt;
    return static_cast<long>(std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, 1'000'000'000));
}

std::string error_in(const Json& object) {
    const auto& error = member_of(object, "error");
    if (error.is_string()) return text_of(error);
    return error.is_object() ? text_of(member_of(error, "message")) : std::string();
}

// What one object adds; `end`: why the model stopped, "" not yet.
struct Part {
    std::string text, refusal, end;
};

Part part_of_ollama(const Json& object) {
    Part part{text_of(member_of(member_of(object, "message"), "content")), {}, {}};
    if (part.text.empty()) part.text = text_of(member_of(object, "response"));
    const auto& done = member_of(object, "done");
    if (done.is_boolean() && done.get<bool>()) {
        part.end = text_of(member_of(object, "done_reason"));
        if (part.end.empty()) part.end = "stop";
    }
    return part;
}

Part part_of_openai(const Json& object) {
    const auto& choices = member_of(object, "choices");
    if (!choices.is_array() || choices.empty()) return {};
    const auto& choice = choices.front();
    const auto& message = member_of(choice, choice.contains("delta") ? "delta" : "message");
    return {text_of(member_of(message, "content")), text_of(member_of(message, "refusal")),
            text_of(member_of(choice, "finish_reason"))};
}

void note_tokens(const Json& object, ChatAnswer& answer) {
    const auto& usage = member_of(object, "usage");
    for (const auto& [holder, in, out] : {std::tuple(&object, "prompt_eval_count", "eval_count"),
                                          {&usage, "prompt_tokens", "completion_tokens"}}) {
        if (const auto count = count_in(member_of(*holder, in))) answer.tokens_in = count;
        if (const auto count = count_in(member_of(*holder, out))) answer.tokens_out = count;
    }
}

std::optional<RejectReason> fault_of(const std::string& text, const std::string& refusal,
                                     const std::string& end) {
    if (!refusal.empty() || end == "content_filter") return RejectReason::answer_refused;
    if (end.empty() || end == "length") return RejectReason::answer_cut;
    if (trim(text).empty()) return RejectReason::answer_empty;
    return std::nullopt;
}
}

Api guess_api(std::string_view url) {
    const auto path = split_url(url).path;
    return path == "/v1" || path.ends_with("/v1") || path.find("/v1/") != path.npos ? Api::openai
                                                                                    : Api::ollama;
}

std::string chat_url(Api api, std::string_view url) {
    return base_of(api, url) + (api == Api::openai ? "/chat/completions" : "/chat");
}

std::string models_url(Api api, std::string_view url) {
    return base_of(api, url) + (api == Api::openai ? "/models" : "/tags");
}

std::string settings_json(const ChatSettings& settings) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("temperature", 0).member("seed", settings.seed);
    json.member("max_answer_tokens", settings.max_answer_tokens).end_object();
    return out;
}

std::string make_chat(Api api, const ChatSettings& settings, const Prompt& prompt) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("model", settings.model).member("stream", false);
    write_messages(json, prompt);
    if (api == Api::ollama) {
        json.key("format").raw(prompt.schema).member("keep_alive", settings.keep_alive);
        json.key("options").begin_object().member("temperature", 0).member("seed", settings.seed);
        json.member("num_predict", settings.max_answer_tokens);
        json.member("num_ctx", context_size(estimate_tokens(prompt) + settings.max_answer_tokens))
            .end_object();
    } else {
        json.member("temperature", 0).member("seed", settings.seed);
        json.member("max_tokens", settings.max_answer_tokens).key("response_format").begin_object();
        json.member("type", "json_schema").key("json_schema").begin_object().member("name", "answer");
        json.member("strict", true).key("schema").raw(prompt.schema).end_object().end_object();
    }
    json.end_object();
    return out;
}

ChatAnswer read_chat(Api api, std::string_view body) {
    ChatAnswer answer;
    std::vector<Json> objects;
    if (!split_objects(body, objects)) {
        answer.is_understood = false;
        answer.error = "its answer is not understood";
        return answer;
    }
    std::string refusal, end;
    for (const auto& object : objects) {
        if (auto error = error_in(object); !error.empty()) return answer.error = std::move(error), answer;
        auto part = api == Api::ollama ? part_of_ollama(object) : part_of_openai(object);
        answer.text += part.text;
        refusal += part.refusal;
        if (!part.end.empty()) end = std::move(part.end);
        note_tokens(object, answer);
    }
    answer.fault = fault_of(answer.text, refusal, end);
    return answer;
}

std::optional<std::vector<ListedModel>> read_models(Api api, std::string_view body) {
    const auto json = parse_bounded(body);
    const auto& list = member_of(json, api == Api::ollama ? "models" : "data");
    if (!list.is_array()) return std::nullopt;
    std::vector<ListedModel> models;
    for (const auto& each : list) {
        if (models.size() == k_max_wire_models) break;
        auto name = text_of(member_of(each, api == Api::ollama ? "name" : "id"));
        if (!name.empty()) models.push_back({std::move(name), text_of(member_of(each, "digest"))});
    }
    return models;
}

const ListedModel* find_model(const std::vector<ListedModel>& models, std::string_view name) {
    const auto latest = std::string(name) + ":latest";
    const auto it = std::ranges::find_if(
        models, [&](const ListedModel& model) { return model.name == name || model.name == latest; });
    return it == models.end() ? nullptr : &*it;
}
}
