#include "core/sources/spec.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::sources {
namespace {

constexpr std::size_t k_max_identifier = 255; // varchar(255)
constexpr std::size_t k_max_name = 500;       // varchar(500)
constexpr std::size_t k_max_url = 2048;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What is no address may have a password all the same.
std::string without_login(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == text.npos || !userinfo_of(text).empty()) return without_userinfo(text);
    return fmt::format("***{}", text.substr(at));
}

bool has_number_as_port(std::string_view url) {
    return std::ranges::all_of(split_url(url).port, is_ascii_digit);
}
}

void separate_logins(SourceSpec& spec) {
    spec.url_login = userinfo_of(spec.url);
    spec.url = without_userinfo(spec.url);
    if (!spec.rss_url) return;
    spec.rss_login = userinfo_of(*spec.rss_url);
    spec.rss_url = without_userinfo(*spec.rss_url);
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
    if (!http || split_url(text).host.empty())
        return fmt::format("must be an address that starts with http:// or https://, not '{}'",
                           without_login(text));
    if (text.size() > k_max_url) return fmt::format("must have at most {} characters", k_max_url);
    const bool blank =
        std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_control(c); });
    if (blank) return fmt::format("must not hold blanks: '{}'", without_login(text));
    // Else the address is cut within the password, and what is shown of it begins there.
    if (!has_number_as_port(text) && text.find('@') != text.npos)
        return "must have a number as its port; in a password, / is written %2F, ? is %3F and # is %23";
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
