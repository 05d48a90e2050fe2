#include "core/ops/analysis/ask_model.hpp"

#include "core/base/pause.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"
#include "core/net/client.hpp"
#include "core/net/credentials.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <tuple>

namespace cti::ops {
namespace {
using namespace std::chrono_literals;

constexpr std::size_t k_max_reply_bytes = 4UL << 20; // a streamed answer repeats its frame for each token
constexpr std::array<std::chrono::milliseconds, 4> k_model_pauses{1s, 3s, 9s, 27s};
constexpr std::size_t k_max_lost = 2; // tries beyond the first where there was no answer at all
constexpr std::chrono::seconds k_max_model_wait{120};
constexpr const char* k_no_endpoint_hint =
    "Set LLM_API_URL to a server of yours, as http://localhost:11434 of Ollama ('ollama pull mistral' gets a model); "
    "the texts of articles go there and nowhere else.";

// On this machine, in a private network, or a name without dots, as Compose gives services.
bool is_near(const std::string& url) {
    const auto host = split_url(url).host;
    if (host == "localhost" || host.find('.') == host.npos) return true;
    const auto range = net::special_range_of_literal(host);
    return range && (*range == "loopback" || *range == "private");
}

net::Request make_request(const ModelEndpoint& endpoint, const std::string& url) {
    net::Request request;
    std::tie(request.url, request.credentials) = net::split_credentials(url);
    if (!endpoint.key.empty()) request.credentials.bearer = endpoint.key;
    request.user_agent = endpoint.user_agent;
    request.accept = "application/json";
    // Whoever runs the program named this host, and no other is asked: redirects are answers.
    request.allow_private = true;
    request.redirects = net::Redirects::answer;
    const std::chrono::milliseconds time = std::chrono::seconds(endpoint.timeout_s);
    request.limits.total_timeout = request.limits.first_byte_timeout = request.limits.stall_timeout = time;
    request.limits.max_bytes = k_max_reply_bytes;
    return request;
}

// nullopt: it was stopped meanwhile.
std::optional<net::Response> fetch_or_stop(const Environment& environment, net::Request request,
                                           const std::optional<SteadyTime>& end) {
    std::optional<net::Response> answer;
    net::Client client({});
    client.start(std::move(request), [&](net::Response response) { answer = std::move(response); });
    while (!answer) {
        if (environment.is_stopped() || (end && steady_time() >= *end)) return std::nullopt;
        client.run_once(100ms);
    }
    return answer;
}

// False where it was stopped, or where `end` would come first.
bool wait_for_model(const Environment& environment, std::chrono::milliseconds pause,
                    const std::optional<SteadyTime>& end) {
    if (end && steady_time() + pause >= *end) return false;
    return pause_for(pause, [&] { return environment.is_stopped(); });
}

bool is_busy(const net::Response& response) { return response.status == 429 || response.status == 503; }
bool is_lost(const net::Response& response) {
    return response.failure == net::Failure::connect || response.failure == net::Failure::resolve ||
           response.failure == net::Failure::transfer || response.failure == net::Failure::timeout ||
           response.status == 500 || response.status == 502 || response.status == 504;
}

// How long until the next try; nullopt: there is none.
std::optional<std::chrono::milliseconds> pause_after(const net::Response& response, std::size_t tries) {
    if (!is_busy(response) && (!is_lost(response) || tries > k_max_lost)) return std::nullopt;
    if (tries > k_model_pauses.size()) return std::nullopt;
    if (is_busy(response) && response.retry_after)
        return std::min<std::chrono::milliseconds>(*response.retry_after, k_max_model_wait);
    return k_model_pauses[tries - 1];
}

std::string fault_of(const net::Response& response, const std::string& said) {
    if (response.failure != net::Failure::none && response.status < 400)
        return response.failure == net::Failure::too_large
                   ? fmt::format("its answer is larger than {} MiB", k_max_reply_bytes >> 20)
                   : printable(response.error);
    if (response.status < 200 || response.status > 299)
        return fmt::format("HTTP {}{}", response.status,
                           said.empty() ? "" : ": " + printable(head_code_points(said, 200)));
    return printable(head_code_points(said, 200));
}

ModelReply read_reply(analysis::Api api, const net::Response& response) {
    ModelReply reply;
    const bool is_answered = response.failure == net::Failure::none && response.status >= 200;
    if (is_answered || !response.body.empty()) reply.answer = analysis::read_chat(api, response.body);
    const bool is_fine = is_answered && response.status < 300 && reply.answer.error.empty();
    if (is_fine) return reply;
    const bool is_said = response.status < 300 || reply.answer.is_understood;
    reply.fault = fault_of(response, is_said ? reply.answer.error : "");
    reply.is_hopeless = response.status == 401 || response.status == 403 || response.status == 404 ||
                        (response.status >= 300 && response.status < 400);
    return reply;
}
}

void require_fit(const ModelEndpoint& endpoint) {
    if (endpoint.url.empty())
        throw Error{ExitCode::usage, "no language model is configured", k_no_endpoint_hint};
    const auto [url, login] = net::split_credentials(endpoint.url);
    if (const auto refusal = url_refusal(url); !refusal.empty())
        throw Error{ExitCode::usage, fmt::format("the address of the language model is refused: {}", refusal),
                    "Write LLM_API_URL as http://localhost:11434 or https://host/v1."};
    const bool has_secret = !endpoint.key.empty() || login.has_login();
    if (has_secret && istarts_with(url, "http://") && !is_near(url))
        throw Error{ExitCode::usage,
                    "the key of the language model would go over the open network in clear text",
                    "Use https in LLM_API_URL, or no key."};
    if (endpoint.api != "auto" && !find_value<analysis::Api>(endpoint.api))
        throw Error{ExitCode::usage, fmt::format("there is no API '{}' of models", printable(endpoint.api)),
                    "Write auto, ollama or openai."};
    if (endpoint.model.empty() || endpoint.model.size() > 200 || printable(endpoint.model) != endpoint.model)
        throw Error{ExitCode::usage, "the name of the model is empty, too long or has control characters",
                    "Set LLM_MODEL to a name such as mistral."};
}

analysis::Api api_of(const ModelEndpoint& endpoint) {
    return find_value<analysis::Api>(endpoint.api).value_or(analysis::guess_api(endpoint.url));
}

std::string shown_endpoint(const ModelEndpoint& endpoint) {
    return printable(without_userinfo(endpoint.url));
}

ModelFacts find_model_facts(const Environment& environment, const ModelEndpoint& endpoint) {
    require_fit(endpoint);
    const auto api = api_of(endpoint);
    auto request = make_request(endpoint, analysis::models_url(api, endpoint.url));
    request.limits.total_timeout = request.limits.first_byte_timeout = 15s;
    const auto response = fetch_or_stop(environment, std::move(request), std::nullopt);
    if (!response) throw Error{exit_code_of(environment.stop->load()), "stopped"};
    if (response->failure != net::Failure::none && response->status < 400)
        throw Error{ExitCode::failure,
                    fmt::format("the server of language models at {} does not answer: {}",
                                shown_endpoint(endpoint), printable(response->error)),
                    "Start it ('ollama serve'), or correct LLM_API_URL."};
    ModelFacts facts;
    const auto models = response->status == 200 ? analysis::read_models(api, response->body) : std::nullopt;
    if (!models) return facts;
    for (const auto& model : *models) facts.listed.push_back(model.name);
    if (const auto* const found = analysis::find_model(*models, endpoint.model)) {
        facts.is_listed = true;
        facts.digest = printable(head_code_points(found->digest, 100));
    } else if (api == analysis::Api::ollama) {
        throw Error{
            ExitCode::usage, fmt::format("the server of language models has no model '{}'", endpoint.model),
            fmt::format("Run 'ollama pull {}' there, or set LLM_MODEL to one that it has.", endpoint.model)};
    }
    return facts;
}

ModelReply ask_model(const Environment& environment, const ModelEndpoint& endpoint,
                     const analysis::ChatSettings& settings, const analysis::Prompt& prompt,
                     std::optional<SteadyTime> end) {
    const auto api = api_of(endpoint);
    auto request = make_request(endpoint, analysis::chat_url(api, endpoint.url));
    request.method = "POST";
    request.headers = {"Content-Type: application/json"};
    request.body = analysis::make_chat(api, settings, prompt);
    for (std::size_t tries = 1;; ++tries) {
        const auto response = fetch_or_stop(environment, request, end);
        if (!response) return {"it was stopped", true, {}};
        const auto pause = pause_after(*response, tries);
        if (!pause) return read_reply(api, *response);
        if (!wait_for_model(environment, *pause, end)) return {"it was stopped", true, {}};
    }
}

std::optional<double> measure_model(const Environment& environment, const ModelEndpoint& endpoint) {
    analysis::Prompt prompt;
    prompt.messages = {{"user", "Count from 1 to 30. Answer with one JSON object of the given schema."}};
    prompt.schema = R"({"type":"object","properties":{"numbers":{"type":"array","maxItems":30,"items":)"
                    R"({"type":"integer"}}},"required":["numbers"],"additionalProperties":false})";
    analysis::ChatSettings settings;
    settings.model = endpoint.model;
    const auto begun = steady_time();
    const auto reply = ask_model(environment, endpoint, settings, prompt, begun + 30s);
    const std::chrono::duration<double> took = steady_time() - begun;
    if (!reply.fault.empty() || took.count() <= 0) return std::nullopt;
    return static_cast<double>(
               reply.answer.tokens_out.value_or(analysis::estimate_tokens({{{"", reply.answer.text}}, {}}))) /
           took.count();
}
}
