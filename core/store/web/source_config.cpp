#include "core/store/web/source_config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cti::store {
namespace {

using Json = nlohmann::ordered_json; // Keeps the order in which a person wrote it.

Json parse_object(std::string_view text) {
    auto json = Json::parse(text, nullptr, false);
    return json.is_object() ? json : Json::object();
}

// Ill-formed UTF-8 is replaced, not thrown at us.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

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
    auto json = parse_object(text);
    if (json.size() < 2 || !json.contains("config") || !json["config"].is_object()) return dump(json);
    auto flat = Json(json["config"]);
    for (const auto& [key, value] : json.items())
        if (key != "config" && key != "check_frequency" && key != "lookback_days" && !flat.contains(key))
            flat[key] = value;
    return dump(flat);
}

std::string merged_config(std::string_view theirs, std::string_view ours, db::Generation generation) {
    auto merged = parse_object(flat_config(theirs));
    const auto spec = parse_object(ours);
    for (const auto& [key, value] : spec.items())
        if (key != "image_ocr_enabled" || !merged.contains(key)) merged[key] = value;
    if (generation != db::Generation::web_2026) require_shape_of_2025(merged);
    return dump(merged);
}
}
