#include "cli/options/model_options.hpp"

#include "cli/environment.hpp"
#include "cli/options/options.hpp"
#include "core/base/version.hpp"

namespace cti::cli {

void add_model_options(Options& app, ops::ModelEndpoint& model, const std::string& concurrency) {
    const auto* group = "Language model";
    app.add_option("--llm-url", model.url,
                   "Server of language models: http://localhost:11434, https://host/v1")
        .type_name("URL")
        .envname("LLM_API_URL")
        .group(group);
    app.add_option("--llm-api", model.api, "auto (by the address), ollama or openai")
        .one_of({"auto", "ollama", "openai"})
        .type_name("API")
        .envname("LLM_API")
        .capture_default_str()
        .group(group);
    app.add_option("--model", model.model, "Name of the model there")
        .type_name("MODEL")
        .envname("LLM_MODEL")
        .capture_default_str()
        .group(group);
    app.add_option("--llm-timeout", model.timeout_s, "Seconds that one request may take")
        .between(1, 3600)
        .seconds()
        .envname("LLM_TIMEOUT")
        .capture_default_str()
        .group(group);
    app.add_option(concurrency, model.concurrency, "Articles that it reads at the same time")
        .between(1, 32)
        .type_name("N")
        .envname("LLM_CONCURRENCY")
        .capture_default_str()
        .group(group);
}

ops::ModelEndpoint find_model_endpoint(ops::ModelEndpoint given) {
    if (given.url.empty()) return given;
    given.key = secret("LLM_API_KEY");
    given.user_agent = user_agent();
    return given;
}

ops::ModelEndpoint find_model_endpoint() {
    ops::ModelEndpoint model;
    model.url = environment("LLM_API_URL");
    if (const auto api = environment("LLM_API"); !api.empty()) model.api = api;
    if (const auto name = environment("LLM_MODEL"); !name.empty()) model.model = name;
    return find_model_endpoint(std::move(model));
}
}
