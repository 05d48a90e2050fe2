#pragma once
#include "core/sources/settings_file.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// Which settings files there are, and what they say.
namespace cti::cli {

struct LoadedSettings {
    std::vector<std::string> files;             // that were read; the last one is preferred
    std::vector<sources::FileSetting> settings; // in the order in which later ones win
    std::vector<sources::Problem> errors;
};

// --settings or CTI_SETTINGS name one file ("none": none at all). Where neither does: /etc/cti/cti.yaml, the
// user's and ./cti.yaml, as far as they are there. `words`: the command line. Never throws: what cannot be
// read is one of the errors.
LoadedSettings load_settings(const std::vector<std::string>& words);
LoadedSettings load_settings_file(const std::string& path); // one that somebody named

// The file that is named, as given: of --settings, else of CTI_SETTINGS; "" where none is.
std::string named_settings_file(const std::vector<std::string>& words);

// What an option has from a file.
struct AppliedSetting {
    std::string value; // lists with commas between; never a secret, as files may not hold any
    std::string from;  // "cti.yaml:3"
};
// By key ("timeout", "collect.workers": what that option of that command has now).
using AppliedSettings = std::map<std::string, AppliedSetting, std::less<>>;

std::string origin_of(const sources::FileSetting& setting); // "cti.yaml:3"
}
