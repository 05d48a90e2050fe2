#pragma once
#include <string>

namespace cti {

// "1 source", "2 sources"
std::string count_of(long count, const std::string& noun);
}
