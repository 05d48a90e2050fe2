#include "core/store/web/score.hpp"

#include <charconv>
#include <fmt/format.h>
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

// Where ->> may fail (text that is no JSON; "\u0000", of json), nothing is plain.
std::string score_of(const db::Schema& schema) {
    const auto column = schema.articles.columns.find("article_metadata");
    const auto type = column == schema.articles.columns.end() ? "" : column->second.type;
    std::string careful = "cti.score_of(a.article_metadata::text)";
    if (type != "json" && type != "jsonb") return careful;
    const auto is_safe = type == "jsonb" ? "true" : "strpos(a.article_metadata::text, '\\') = 0";
    // OFFSET 0: the object is read once.
    return fmt::format(R"sql((CASE WHEN {1} THEN (
            SELECT CASE
                       WHEN s.score IS NULL THEN NULL
                       WHEN length(s.score) <= 15 AND translate(s.score, '0123456789', '') IN ('', '.') AND s.score NOT IN ('', '.')
                       THEN s.score::double precision
                       ELSE {0}
                   END
            FROM (SELECT a.article_metadata ->> 'threat_hunting_score' AS score OFFSET 0) AS s)
        ELSE {0} END))sql",
                       careful, is_safe);
}
}
