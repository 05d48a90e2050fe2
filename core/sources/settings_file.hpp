#pragma once
#include "core/sources/yaml.hpp"

#include <string>
#include <string_view>
#include <vector>

// cti.yaml: what options say where neither the command line nor the environment does. Knows the form, and
// no option: who reads it knows those.
//
//   timeout: 30
//   collect:
//     workers: 4
//   sources:
//     list: {format: json}
namespace cti::sources {

struct FileSetting {
    std::vector<std::string> path;   // {"timeout"}, {"sources", "list", "format"}
    std::vector<std::string> values; // one, or those of a list
    bool is_list = false;
    std::string file;
    int line = 0; // 1 is the first
};
struct SettingsFile {
    std::vector<FileSetting> settings; // as they stand there; those that are understood
    std::vector<Problem> errors;       // at most k_max_settings_errors
};

constexpr std::size_t k_max_settings_bytes = 256UL * 1024; // one with every key has 20 KiB
constexpr std::size_t k_max_settings_depth = 4;            // "jobs add collect" and an option
constexpr std::size_t k_max_settings_errors = 50;

SettingsFile read_settings(std::string_view text, const std::string& file_name);

std::string dotted(const std::vector<std::string>& path); // "sources.list.format"
}
