#include "core/store/web/score.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace cti::store {

std::optional<double> read_score(std::string_view metadata) {
    constexpr const char* key = "threat_hunting_score";
    if (metadata.find(key) == std::string_view::npos) return std::nullopt;
    const auto json = nlohmann::json::parse(metadata, nullptr, false);
    if (!json.is_object() || !json.contains(key)) return std::nullopt;
    const auto& score = json[key];
    if (score.is_number()) return score.get<double>();
    if (!score.is_string()) return std::nullopt;
    const auto digits = score.get<std::string>();
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool is_number = error == std::errc() && end == digits.data() + digits.size();
    return is_number ? std::optional<double>(value) : std::nullopt;
}
}
