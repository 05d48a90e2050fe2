#include "core/store/web/source_config.hpp"

#include "core/model/source_config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cti::store {
namespace {

using Json = nlohmann::ordered_json;

bool is_text_list(const Json& json) {
    return json.is_array() &&
           std::all_of(json.begin(), json.end(), [](const Json& item) { return item.is_string(); });
}

void require_text_list(Json& config, const char* key) {
    auto& value = config[key];
    if (value.is_string())
        value = Json::array({value});
    else if (!is_text_list(value))
        value = Json::array();
}

void require_shape_of_2025(Json& config) {
    require_text_list(config, "allow");
    require_text_list(config, "post_url_regex");
    for (const char* key : {"discovery", "extract"})
        if (!config[key].is_object()) config[key] = Json::object();
    if (!config["content_selector"].is_string()) config["content_selector"] = nullptr;
    if (!config["collection_days"].is_number_integer()) config["collection_days"] = nullptr;
}
}

std::string flat_config(std::string_view text) {
    auto json = parse_config(text);
    if (json.size() < 2 || !json.contains("config") || !json["config"].is_object()) return dump_config(json);
    auto flat = Json(json["config"]);
    for (const auto& [key, value] : json.items())
        if (key != "config" && key != "check_frequency" && key != "lookback_days" && !flat.contains(key))
            flat[key] = value;
    return dump_config(flat);
}

std::string merged_config(std::string_view theirs, std::string_view ours, db::Generation generation) {
    auto merged = merge_config(flat_config(theirs), ours);
    if (generation == db::Generation::web_2026) return merged;
    auto config = parse_config(merged);
    require_shape_of_2025(config);
    return dump_config(config);
}
}
