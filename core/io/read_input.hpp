#pragma once
#include <string>

namespace cti::io {
// All of a file; "-" is standard input. Throws Error(usage) where it cannot be read or holds more than 256
// MiB.
std::string read_input(const std::string& path);
}
