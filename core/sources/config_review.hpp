#pragma once
#include <string>
#include <string_view>
#include <vector>

// What a source's config says in vain: keys that nobody reads, that stand in the wrong place or hold another
// type, that are read and do nothing here, and patterns that are none.
namespace cti::sources {

struct ConfigNote {
    // Where it stands: keys from the outside in; of a list "0", "1" … The key itself is the last one.
    std::vector<std::string> path;
    std::string message;     // names the key
    bool is_pattern = false; // a pattern that is none: whoever uses it tells of it too
};
// In the order of the config. Never throws.
std::vector<ConfigNote> review_config(std::string_view config_json);
}
