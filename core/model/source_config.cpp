#include "core/model/source_config.hpp"

#include "core/base/json.hpp"

#include <nlohmann/json.hpp>

namespace cti {
namespace {
using Json = nlohmann::ordered_json;

constexpr std::string_view k_operator_owned = "image_ocr_enabled";
}

Json parse_config(std::string_view text) {
    if (is_nested_deeper(text, k_max_config_depth)) return Json::object();
    auto json = Json::parse(text, nullptr, false);
    return json.is_object() ? json : Json::object();
}

std::string dump_config(const Json& config) {
    return config.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string merge_config(std::string_view row_json, std::string_view file_json) {
    auto merged = parse_config(row_json);
    const auto from_file = parse_config(file_json);
    for (const auto& [key, value] : from_file.items()) {
        const bool kept = key == k_operator_owned && merged.contains(key);
        if (!kept) merged[key] = value;
    }
    return dump_config(merged);
}
}
