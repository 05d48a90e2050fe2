#include "core/analysis/wire.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti::analysis;
using Json = nlohmann::json;

TEST_CASE("analysis wire: the address says which API it is, with or without its end") {
    CHECK(guess_api("http://cti_ollama:11434") == Api::ollama);
    CHECK(guess_api("http://host/v1") == Api::openai);
    CHECK(guess_api("https://host/v1/chat/completions") == Api::openai);
    CHECK(chat_url(Api::ollama, "http://h:11434/") == "http://h:11434/api/chat");
    CHECK(chat_url(Api::ollama, "http://h:11434/api/generate") == "http://h:11434/api/chat");
    CHECK(chat_url(Api::openai, "http://h/v1/") == "http://h/v1/chat/completions");
    CHECK(chat_url(Api::openai, "http://h") == "http://h/v1/chat/completions");
    CHECK(models_url(Api::ollama, "http://h") == "http://h/api/tags");
    CHECK(models_url(Api::openai, "http://h/v1/chat/completions") == "http://h/v1/models");
}

TEST_CASE("analysis wire: what is sent to each API") {
    const Prompt prompt{{{"system", "s"}, {"user", "u\"\n"}}, R"({"type":"object"})"};
    ChatSettings settings;
    settings.model = "mistral";
    const auto ollama = Json::parse(make_chat(Api::ollama, settings, prompt));
    CHECK(ollama["model"] == "mistral");
    CHECK(ollama["stream"] == false);
    CHECK(ollama["format"]["type"] == "object");
    CHECK(ollama["options"]["temperature"] == 0);
    CHECK(ollama["options"]["num_ctx"] == 4096);
    CHECK(ollama["messages"][1]["content"] == "u\"\n");
    const auto openai = Json::parse(make_chat(Api::openai, settings, prompt));
    CHECK(openai["response_format"]["json_schema"]["schema"]["type"] == "object");
    CHECK(openai["seed"] == 1);
    const Prompt large{{{"user", std::string(30'000, 'x')}}, "{}"};
    CHECK(Json::parse(make_chat(Api::ollama, settings, large))["options"]["num_ctx"] == 16384);
}

TEST_CASE("analysis wire: answers of Ollama, whole and as a stream") {
    auto answer = read_chat(
        Api::ollama,
        R"({"message":{"content":"{}"},"done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":2})");
    CHECK(answer.error.empty());
    CHECK_FALSE(answer.fault);
    CHECK(answer.text == "{}");
    CHECK(answer.tokens_in == 7);
    CHECK(answer.tokens_out == 2);
    answer = read_chat(
        Api::ollama,
        "{\"message\":{\"content\":\"{\"},\"done\":false}\n{\"message\":{\"content\":\"}\"},\"done\":false}\r\n"
        "{\"message\":{\"content\":\"\"},\"done\":true}\n");
    CHECK(answer.text == "{}");
    CHECK_FALSE(answer.fault);
    CHECK(read_chat(Api::ollama, "{\"message\":{\"content\":\"{\"},\"done\":false}\n").fault ==
          RejectReason::answer_cut);
    CHECK(read_chat(Api::ollama, R"({"message":{"content":"{"},"done":true,"done_reason":"length"})").fault ==
          RejectReason::answer_cut);
    CHECK(read_chat(Api::ollama, R"({"message":{"content":" "},"done":true})").fault ==
          RejectReason::answer_empty);
    CHECK(read_chat(Api::ollama, R"({"error":"model 'x' not found"})").error == "model 'x' not found");
}

TEST_CASE("analysis wire: answers of OpenAI's API, whole and as events") {
    auto answer = read_chat(
        Api::openai,
        R"({"choices":[{"message":{"content":"{}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}})");
    CHECK(answer.text == "{}");
    CHECK(answer.tokens_in == 5);
    answer = read_chat(
        Api::openai,
        ": hello\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"{\"}}]}\n\n"
        "data: {\"choices\":[{\"delta\":{\"content\":\"}\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    CHECK(answer.text == "{}");
    CHECK_FALSE(answer.fault);
    CHECK(
        read_chat(Api::openai,
                  R"({"choices":[{"message":{"content":null,"refusal":"I cannot"},"finish_reason":"stop"}]})")
            .fault == RejectReason::answer_refused);
    CHECK(read_chat(Api::openai, R"({"error":{"message":"no","code":1}})").error == "no");
}

TEST_CASE("analysis wire: what is no answer is an error, whatever it holds") {
    for (const auto* body : {"", "<html>", "[]", "null", "{", "{}{}", "data: 7", "\xFF"})
        CHECK_FALSE(read_chat(Api::ollama, body).error.empty());
    const auto deep = std::string(100'000, '[');
    CHECK_FALSE(read_chat(Api::openai, deep).error.empty());
    // Objects without what is looked for are not whole.
    for (const auto* body :
         {"{}", R"({"message":7,"done":"x"})", R"({"choices":{}})", R"({"choices":[7]})"}) {
        CHECK(read_chat(Api::ollama, body).fault == RejectReason::answer_cut);
        CHECK(read_chat(Api::openai, body).fault == RejectReason::answer_cut);
    }
}

TEST_CASE("analysis wire: lists of models") {
    const auto models =
        read_models(Api::ollama, R"({"models":[{"name":"mistral:latest","digest":"abc"},{"digest":1},7]})");
    REQUIRE(models);
    REQUIRE(find_model(*models, "mistral") != nullptr);
    CHECK(find_model(*models, "mistral")->digest == "abc");
    CHECK(find_model(*models, "mistral:7b") == nullptr);
    CHECK(read_models(Api::openai, R"({"data":[{"id":"m"}]})")->front().name == "m");
    CHECK_FALSE(read_models(Api::openai, "<html>"));
}
