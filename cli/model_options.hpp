#pragma once
#include "cli/command.hpp"
#include "core/ops/ask_model.hpp"

// Which server of language models is asked: the same options for each command that asks one.
namespace cti::cli {

void add_model_options(Options& app, ops::ModelEndpoint& model);
// The key, which no option takes: LLM_API_KEY_FILE or LLM_API_KEY.
ops::ModelEndpoint find_model_endpoint(ops::ModelEndpoint given);
// What the environment says, for commands without the options.
ops::ModelEndpoint find_model_endpoint();
}
