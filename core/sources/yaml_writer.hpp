#pragma once
#include "core/model.hpp"

#include <string>
#include <vector>

namespace cti::sources {

// sources.yaml, version 1.0, which load_sources() reads back to the same values. Config stands below
// `config`.
std::string to_yaml(const std::vector<Source>& sources);
}
