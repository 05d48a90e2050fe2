#pragma once
#include <string>
#include <string_view>
#include <vector>

// Changes of sources.config, and what speaks against one.
namespace cti::sources {

struct ConfigChange {
    std::string key, before, after; // JSON texts; "" where there is none
};
// By value: the order of keys, white space and 5 beside 5.0 are no change.
std::vector<ConfigChange> compare_config(std::string_view before_json, std::string_view after_json);

// "key=JSON" put into the object. What is no JSON is taken as text (--set content_selector=article); "key="
// removes the key. Dots name a key inside of an object: robots.crawl_delay=5. Throws Error(usage).
std::string set_config_key(std::string_view config_json, std::string_view assignment);

struct ConfigProblem {
    std::string key, message; // "must be a list of texts"
};
// What the web service's checks of a row would refuse, and secrets where everybody reads them.
std::vector<ConfigProblem> check_config(std::string_view config_json);
}
