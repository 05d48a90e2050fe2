#pragma once
#include <string>

namespace cti::intel {
// The part of the score of 2025 that counts addresses, paths, hashes and the like: 0 to 30. `text` is in
// lower case.
double technical_depth(const std::string& text);
}
