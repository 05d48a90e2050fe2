#include "core/sources/spec.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::sources {
namespace {

constexpr std::size_t k_max_identifier = 255; // varchar(255)
constexpr std::size_t k_max_name = 500;       // varchar(500)
constexpr std::size_t k_max_url = 2048;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string_view host_of(std::string_view url) {
    const auto start = url.find("://") + 3;
    auto authority = url.substr(start, std::min(url.find_first_of("/?#", start), url.size()) - start);
    if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
    return authority.starts_with('[') ? authority : authority.substr(0, authority.find(':'));
}
}

std::string check_identifier(std::string_view text) {
    const auto fits = [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_' || c == '-'; };
    if (text.empty()) return "must not be empty";
    if (text.size() > k_max_identifier)
        return fmt::format("must have at most {} characters", k_max_identifier);
    if (!std::all_of(text.begin(), text.end(), fits))
        return fmt::format("must consist of letters, digits, '_' and '-', not '{}'", text);
    return {};
}

std::string check_name(std::string_view text) {
    if (trim(text).empty()) return "must not be empty";
    if (head_code_points(text, k_max_name).size() < text.size())
        return fmt::format("must have at most {} characters", k_max_name);
    if (std::any_of(text.begin(), text.end(), is_control)) return "must not hold control characters";
    return {};
}

std::string check_http_url(std::string_view text) {
    const bool http = istarts_with(text, "http://") || istarts_with(text, "https://");
    if (!http || host_of(text).empty())
        return fmt::format("must be an address that starts with http:// or https://, not '{}'", text);
    if (text.size() > k_max_url) return fmt::format("must have at most {} characters", k_max_url);
    const bool blank =
        std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_control(c); });
    if (blank) return fmt::format("must not hold blanks: '{}'", text);
    return {};
}

std::string check_range(long number, long least, long most) {
    if (number >= least && number <= most) return {};
    return fmt::format("must be from {} to {}, not {}", least, most, number);
}

bool is_reserved_identifier(std::string_view identifier) {
    return identifier == "manual" || identifier == "eval_articles";
}
}
