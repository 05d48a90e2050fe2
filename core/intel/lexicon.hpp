#pragma once
#include "core/model/web_service.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cti::intel {

using cti::Generation;

// The words of the hunt score by the formula's classes, in the order in which matches are listed.
struct Lexicon {
    std::vector<std::string> perfect, good, lolbas;
    std::vector<std::string> hunting_terms;          // 2025 only
    std::vector<std::string> intelligence, negative; // 2026 only
};

// YAML or JSON: a map of lists with the web service's names (perfect_discriminators, good_discriminators,
// lolbas_executables, threat_hunting_terms, intelligence_indicators, negative_indicators), or such maps under
// `v2025` and `v2026`, of which those of the generation count; beside those two anything else may stand. A
// missing list is empty. `name` is for messages. Throws Error(usage) on what is none, with the line, and on
// more than 64 KiB of words.
Lexicon parse_lexicon(std::string_view text, Generation generation, const std::string& name);

// What ships with the tool: config/lexicon.yaml as it was built in.
std::string_view default_lexicon();
}
