#pragma once
#include "core/analysis/prompt.hpp"
#include "core/model/named.hpp"

#include <optional>
#include <string>
#include <string_view>

// How servers of models are asked, as bytes: Ollama's own format, and OpenAI's, which llama.cpp, vLLM and
// others have too. Nothing here is sent.
namespace cti::analysis {

enum class Api : std::uint8_t { ollama, openai };
constexpr std::string_view name_of(Api value) {
    switch (value) {
    case Api::ollama: return "ollama";
    case Api::openai: return "openai";
    }
    return {};
}
// By the path of its address: /v1 is OpenAI's.
Api guess_api(std::string_view url);

// Where the server is asked, from the address that people give: with or without "/v1" or "/api" and a slash.
std::string chat_url(Api api, std::string_view url);
std::string models_url(Api api, std::string_view url);

struct ChatSettings {
    std::string model;
    int seed = 1, max_answer_tokens = 2048;
    std::string keep_alive = "10m"; // Ollama's: how long the model stays in memory
};
std::string settings_json(const ChatSettings& settings); // what an analysis depends on beside the prompt
std::string make_chat(Api api, const ChatSettings& settings, const Prompt& prompt);

struct ChatAnswer {
    bool is_understood = true;         // false: it is none of such a server
    std::string error;                 // the server's own, or that its answer is not understood; "": none
    std::optional<RejectReason> fault; // empty, refused, cut
    std::string text;
    std::optional<long> tokens_in, tokens_out;
};
// An object, or a stream of them: a line each (Ollama), or server-sent events (OpenAI).
ChatAnswer read_chat(Api api, std::string_view body);

struct ListedModel {
    std::string name, digest; // "" where the server does not say it
};
// nullopt: it is no list.
std::optional<std::vector<ListedModel>> read_models(Api api, std::string_view body);
// "mistral" is "mistral:latest".
const ListedModel* find_model(const std::vector<ListedModel>& models, std::string_view name);
}
