#include "core/base/plural.hpp"

#include <fmt/format.h>

namespace cti {

std::string count_of(long count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}
}
