#include "cli/options/option_checks.hpp"

#include "core/base/text.hpp"
#include "core/base/time.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace cti::cli {
namespace {

constexpr std::size_t k_max_shown = 40; // bytes of a wrong value: enough to find it in a line

std::string shown(const std::string& value) {
    if (value.size() <= k_max_shown) return "'" + value + "'";
    return "'" + repair_utf8(value.substr(0, k_max_shown)) + "…'";
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
    Number number{};
    const auto* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || at != end) return std::nullopt;
    if constexpr (std::is_floating_point_v<Number>)
        if (!std::isfinite(number)) return std::nullopt;
    return number;
}

template <class Number>
std::string bounds_text(Number first, Number last) {
    if (last == std::numeric_limits<Number>::max()) return fmt::format("{} or more", first);
    return fmt::format("{} to {}", first, last);
}
}

CLI::Validator is_not_empty() {
    return {[](const std::string& value) {
                return value.empty() ? std::string("has no value: leave it out, or give it one")
                                     : std::string();
            },
            "", "not empty"};
}

CLI::Validator is_whole_number() {
    return {[](const std::string& value) {
                return parse_number<long>(value) ? std::string()
                                                 : "must be a whole number, not " + shown(value);
            },
            "", "whole number"};
}

CLI::Validator is_number() {
    return {[](const std::string& value) {
                return parse_number<double>(value) ? std::string() : "must be a number, not " + shown(value);
            },
            "", "number"};
}

template <class Number>
CLI::Validator is_between(Number first, Number last, bool described) {
    const auto bounds = bounds_text(first, last);
    return {[=](const std::string& value) {
                const auto number = parse_number<Number>(value);
                return number && *number >= first && *number <= last
                           ? std::string()
                           : fmt::format("must be {}, not {}", bounds, shown(value));
            },
            described ? " [" + bounds + "]" : "", "bounds"};
}
template CLI::Validator is_between(int, int, bool);
template CLI::Validator is_between(long, long, bool);
template CLI::Validator is_between(double, double, bool);

CLI::Validator is_one_of(std::vector<std::string> words) {
    const auto description = "{" + join(words, ",") + "}";
    return {[words = std::move(words)](const std::string& value) {
                for (const auto& word : words)
                    if (word == value) return std::string();
                const auto near = closest(value, words);
                return fmt::format("must be one of {}, not {}{}", join(words, ", "), shown(value),
                                   near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
            },
            description, "words"};
}

CLI::Validator to_seconds() {
    return {[](std::string& value) {
                if (parse_number<double>(value)) return std::string();
                const auto duration = parse_duration(value);
                if (!duration) return "must be seconds, or a time such as 90s, 5m or 2h, not " + shown(value);
                value = std::to_string(duration->count());
                return std::string();
            },
            "", "seconds"};
}
}
