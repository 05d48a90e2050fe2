#pragma once
#include "core/intel/indicator.hpp"

// Programs and libraries that every system has (config/system_files.yaml).
namespace cti::intel {

// What ships with the tool: config/system_files.yaml as it was built in.
std::string_view default_system_files();

// A file's name that is one of theirs, or a path of one in a folder where the system has it.
bool is_system_file(const Indicator& indicator);
}
