#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>

namespace cti {

// A row of public.sources.
struct Source {
    int id = 0;
    std::string identifier, name, url;
    std::optional<std::string> rss_url;
    // "user:password" as the row has it in `url` and `rss_url`, which are without it here: whatever shows or
    // stores them shows no password.
    std::string url_login, rss_login;
    int check_frequency_s = 3600;
    std::optional<int> lookback_days; // absent in the web service's 2025 tables
    bool active = true;
    std::string config_json = "{}"; // flat: the nested form of 2026 is unwrapped when it is read
    std::optional<Time> last_check, last_success;
    int consecutive_failures = 0;
    int total_articles = 0;
    double average_response_time_s = 0;
};

// A source as a person wrote it: sources.yaml, OPML, `sources add`. What was not written is empty and
// leaves the row of an existing source as it is.
struct SourceSpec {
    std::string identifier, name, url;
    std::optional<std::string> rss_url; // "" clears the address in the database
    std::string url_login, rss_login;   // as in Source; "" leaves that of the row while its host stays
    std::optional<int> check_frequency_s, lookback_days, tier;
    std::optional<double> weight;
    std::optional<bool> active;
    std::string config_json = "{}"; // flat; `scope` and the legacy top-level keys are folded in
    std::string file;               // where it was read, for messages
    int line = 0;
};
}
