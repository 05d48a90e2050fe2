#pragma once
#include "core/analysis/wire.hpp"
#include "core/base/clock.hpp"
#include "core/ops/analysis/model_endpoint.hpp"
#include "core/ops/environment.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace cti::ops {

// Throws Error(usage) where there is no address, it is refused, or the key would go over the open network
// in clear text. No message holds the address's password or the key.
void require_fit(const ModelEndpoint& endpoint);
analysis::Api api_of(const ModelEndpoint& endpoint);
std::string shown_endpoint(const ModelEndpoint& endpoint);

// What the server has of the model, before anything is asked.
struct ModelFacts {
    std::string digest;              // "": the server does not say
    bool is_listed = false;          // false also where there is no list
    std::vector<std::string> listed; // names of all, where there is a list
};
// Throws Error(failure) where the server does not answer, Error(usage) with the remedy where it is Ollama
// and has no such model.
ModelFacts find_model_facts(const Environment& environment, const ModelEndpoint& endpoint);

struct ModelReply {
    std::string fault;        // in words, where there is no answer to be had; "": there is one
    bool is_hopeless = false; // the next article would fare no better: no such model, no access
    analysis::ChatAnswer answer;
};
// Tokens a second of a short answer, by this machine's clock; nothing where none came within half a minute.
std::optional<double> measure_model(const Environment& environment, const ModelEndpoint& endpoint);

// Once more after 429, 503 and what may pass, with growing pauses or as long as the server says. Ends soon
// after a stop, or at `end`, with a fault.
ModelReply ask_model(const Environment& environment, const ModelEndpoint& endpoint,
                     const analysis::ChatSettings& settings, const analysis::Prompt& prompt,
                     std::optional<SteadyTime> end = std::nullopt);
}
