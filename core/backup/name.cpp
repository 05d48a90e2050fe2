#include "core/backup/name.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <random>
#include <unistd.h>

namespace cti::backup {
namespace {
using namespace std::chrono;
constexpr std::string_view k_begin = "cti-", k_partial = ".partial.";
constexpr std::size_t k_stamp_size = 16; // 20261127T020000Z

bool is_plain(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_' || c == '.'; }

std::string stamp_of(Time time) {
    std::string stamp;
    for (const char c : format_rfc3339(time))
        if (c != '-' && c != ':') stamp += c;
    return stamp;
}

std::optional<Time> parse_stamp(std::string_view text) {
    if (text.size() != k_stamp_size || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    const auto rfc =
        fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                    text.substr(9, 2), text.substr(11, 2), text.substr(13, 2));
    const auto time = parse_time_argument(rfc, Time());
    return time && stamp_of(*time) == text ? time : std::nullopt;
}

// What follows the second: "" is the first of its name, ".2" the next. Nothing: it is no such thing.
std::optional<int> parse_number(std::string_view text) {
    if (text.empty()) return 1;
    int number = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 1, end, number);
    const bool is_whole = read.ec == std::errc() && read.ptr == end && number <= k_max_number;
    return text == fmt::format(".{}", number) && is_whole && number > 1 ? std::optional(number)
                                                                        : std::nullopt;
}
}

std::string to_text(const Name& name) {
    auto database = name.database;
    std::ranges::replace_if(
        database, [](char c) { return !is_plain(c); }, '_');
    const auto number = name.number > 1 ? fmt::format(".{}", name.number) : std::string();
    return fmt::format("{}{}-{}{}{}{}", k_begin, database, stamp_of(name.time), number,
                       name.label.empty() ? "" : "-", name.label);
}

std::optional<Name> parse_name(std::string_view text) {
    if (!text.starts_with(k_begin)) return std::nullopt;
    const auto parts = split(text.substr(k_begin.size()), '-');
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    const auto stamp = std::string_view(parts[1]);
    const auto time = parse_stamp(stamp.substr(0, k_stamp_size));
    const auto number = parse_number(stamp.substr(std::min(stamp.size(), k_stamp_size)));
    const bool is_whole = !parts[0].empty() && std::ranges::all_of(parts[0], is_plain) && time && number &&
                          (parts.size() == 2 || is_label(parts[2]));
    if (!is_whole) return std::nullopt;
    return Name{std::string(parts[0]), std::string(parts.size() == 3 ? parts[2] : ""), *time, *number};
}

bool is_label(std::string_view text) {
    constexpr std::size_t k_max_size = 40;
    return !text.empty() && text.size() <= k_max_size && std::ranges::all_of(text, is_plain);
}

std::string hidden_name(std::string_view name) {
    // The number of a process is the same in each container.
    return fmt::format(".{}{}{}.{:08x}", name, k_partial, ::getpid(), std::random_device{}());
}

bool is_hidden_name(std::string_view text) {
    const auto mark = text.find(k_partial);
    return text.starts_with('.') && mark != text.npos && parse_name(text.substr(1, mark - 1)).has_value();
}
}
