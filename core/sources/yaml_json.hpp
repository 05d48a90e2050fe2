#pragma once
#include "core/sources/scalar.hpp"
#include "core/sources/yaml_tree.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cti::sources {

// A quoted scalar is text, whatever it looks like; so is anything that is no scalar.
Scalar meaning_of(const YamlNode& node);

// For messages: "a list", "'42'", "the text 'yes'".
std::string describe(const YamlNode& node);

struct JsonProblem {
    int line = 0;
    std::string message;
};
// With the types that the scalars show, in the order of the file. What JSON cannot hold is reported and
// becomes null.
nlohmann::ordered_json to_json(const YamlNode& node, std::vector<JsonProblem>& problems);
}
