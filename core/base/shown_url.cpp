#include "core/base/shown_url.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cti {
namespace {

constexpr std::size_t k_max_characters = 200;

// A word too many hides a value that nobody misses much; one that is missing shows a secret.
bool is_secret(std::string_view name) {
    constexpr std::array parts{"token", "secret", "pass",    "pwd",       "auth",
                               "key",   "sig",    "session", "credential"};
    const auto lower = ascii_lower(name);
    return std::ranges::any_of(parts,
                               [&](const char* part) { return lower.find(part) != std::string::npos; });
}

std::string shown_parameter(std::string_view parameter) {
    const auto equals = parameter.find('=');
    const auto name = parameter.substr(0, equals);
    if (equals == std::string_view::npos || !is_secret(name)) return std::string(parameter);
    return std::string(name) + "=***";
}

std::string shown_query(std::string_view query) {
    std::vector<std::string> shown;
    for (std::size_t pos = 0; pos <= query.size();) {
        const auto end = std::min(query.find('&', pos), query.size());
        shown.push_back(shown_parameter(query.substr(pos, end - pos)));
        pos = end + 1;
    }
    return join(shown, "&");
}
}

std::string shown_url(std::string_view url) {
    auto shown = without_userinfo(url.substr(0, url.find('#')));
    if (const auto query = shown.find('?'); query != std::string::npos)
        shown = shown.substr(0, query + 1) + shown_query(std::string_view(shown).substr(query + 1));
    return printable(head_code_points(shown, k_max_characters));
}
}
