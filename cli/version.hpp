#pragma once
#include <string>

namespace cti::cli {
// "cti 0.1.0 (revision)" and a line with the versions of the libraries.
std::string version_text();
}
