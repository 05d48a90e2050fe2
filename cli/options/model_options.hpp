#pragma once
#include "cli/command.hpp"
#include "core/ops/analysis/ask_model.hpp"

#include <string>

// Which server of language models is asked: the same options for each command that asks one.
namespace cti::cli {

// `concurrency`: the name of the option for requests at the same time, as workers call their jobs' so.
void add_model_options(Options& app, ops::ModelEndpoint& model,
                       const std::string& concurrency = "--llm-concurrency");
// The key, which no option takes: LLM_API_KEY_FILE or LLM_API_KEY.
ops::ModelEndpoint find_model_endpoint(ops::ModelEndpoint given);
// What the environment says, for commands without the options.
ops::ModelEndpoint find_model_endpoint();
}
