#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

// sources.config: one flat JSON object that cti, the web service and its operators all write into.
namespace cti {

constexpr int k_max_config_depth = 64;

// In the order in which a person wrote it. What is no object, or is nested deeper, counts as {}.
nlohmann::ordered_json parse_config(std::string_view text);
// Ill-formed UTF-8 is replaced.
std::string dump_config(const nlohmann::ordered_json& config);

// The row's config with what the file says: key by key at the top level, so that what others put there stays.
// Keys that the operator owns (image_ocr_enabled) keep the row's value.
std::string merge_config(std::string_view row_json, std::string_view file_json);
}
