#include "core/sources/yaml_json.hpp"

#include "core/base/text.hpp"

#include <cmath>
#include <fmt/format.h>

namespace cti::sources {
namespace {

using Json = nlohmann::ordered_json;
using Problems = std::vector<JsonProblem>;

// ordered_json looks for each key from the start: without a limit its time grows with their square.
constexpr std::size_t k_max_keys = 1000;

Json scalar_to_json(const YamlNode& node, Problems& problems) {
    struct Visitor {
        const YamlNode& node;
        Json operator()(std::monostate) const { return nullptr; }
        Json operator()(bool flag) const { return flag; }
        Json operator()(std::int64_t number) const { return number; }
        Json operator()(std::uint64_t number) const { return number; }
        Json operator()(double number) const { return number; }
        Json operator()(IsText) const { return node.text; }
    };
    const auto scalar = meaning_of(node);
    const auto* const real = std::get_if<double>(&scalar);
    if (!real || std::isfinite(*real)) return std::visit(Visitor{node}, scalar);
    problems.push_back({node.line, describe(node) + " cannot be kept as a number (put it in quotes)"});
    return nullptr;
}

Json mapping_to_json(const YamlNode& node, Problems& problems) {
    auto object = Json::object();
    if (node.members.size() > k_max_keys) {
        problems.push_back({node.line, fmt::format("a mapping of more than {} keys", k_max_keys)});
        return object;
    }
    for (const auto& [key, value] : node.members) object[key.text] = to_json(value, problems);
    return object;
}

Json sequence_to_json(const YamlNode& node, Problems& problems) {
    auto list = Json::array();
    for (const auto& item : node.items) list.push_back(to_json(item, problems));
    return list;
}
}

Scalar meaning_of(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::null) return std::monostate{};
    if (node.kind != YamlNode::Kind::scalar || node.quoted) return IsText{};
    return resolve_scalar(node.text);
}

std::string describe(const YamlNode& node) {
    switch (node.kind) {
    case YamlNode::Kind::null: return "nothing";
    case YamlNode::Kind::sequence: return "a list";
    case YamlNode::Kind::mapping: return "a mapping";
    case YamlNode::Kind::scalar: break;
    }
    constexpr std::size_t k_max_code_points = 60;
    const auto head = std::string(head_code_points(node.text, k_max_code_points));
    const auto* const rest = head.size() < node.text.size() ? "..." : "";
    return fmt::format("{}'{}{}'", node.quoted ? "the text " : "", head, rest);
}

nlohmann::ordered_json to_json(const YamlNode& node, std::vector<JsonProblem>& problems) {
    switch (node.kind) {
    case YamlNode::Kind::null: return nullptr;
    case YamlNode::Kind::scalar: return scalar_to_json(node, problems);
    case YamlNode::Kind::sequence: return sequence_to_json(node, problems);
    case YamlNode::Kind::mapping: break;
    }
    return mapping_to_json(node, problems);
}
}
