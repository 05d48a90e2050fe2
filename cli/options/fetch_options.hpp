#pragma once
#include "cli/command.hpp"
#include "core/ops/fetch.hpp"
#include "core/ops/intelligence_files.hpp"

// The options that commands share which fetch, or look through texts.
namespace cti::cli {

void add_fetch_options(Options& app, ops::FetchOptions& options);

void add_secrets_option(Options& app, std::string& path);

void add_extractor_options(Options& app, ops::IntelligenceFiles& files);
void add_lexicon_option(Options& app, ops::IntelligenceFiles& files);
}
