#pragma once
#include "core/model.hpp"

#include <string>
#include <string_view>

// What a source may be, wherever it was written: sources.yaml, `sources add`, `sources edit`. The web service
// builds checked objects of all rows at once, so that one bad row empties its whole list; these are its own
// rules.
namespace cti::sources {

constexpr long k_min_check_frequency_s = 60, k_max_check_frequency_s = 365L * 24 * 3600;
constexpr long k_min_lookback_days = 1, k_max_lookback_days = 999;
constexpr long k_min_tier = 1, k_max_tier = 3;
constexpr double k_max_weight = 2.0;

// Takes the logins out of the addresses of a spec as somebody wrote it.
void separate_logins(SourceSpec& spec);

// Each returns what is wrong, ready to follow the name of the field ("must be …"), or "".
std::string check_identifier(std::string_view text); // [A-Za-z0-9_-]{1,255}
std::string check_name(std::string_view text);       // 1 to 500 characters
// http or https with a host, no blanks. The message shows no user and no password.
std::string check_http_url(std::string_view text);
std::string check_range(long number, long least, long most);

// Where such an address has a login: what to tell whoever wrote it, ready to follow the name of the field.
constexpr std::string_view k_login_is_stored =
    "holds a login, which stays in the database for all who may read its sources; fetch.auth names one of a "
    "file of secrets instead";

// The web service's own rows: never listed in a file of ours, never touched.
bool is_reserved_identifier(std::string_view identifier);
}
