#include "core/ops/environment.hpp"

#include "core/base/log.hpp"

namespace cti::ops {

void Environment::warn(const std::string& message, const std::string& hint) const {
    if (on_warning) return on_warning(message, hint);
    log::warning("{}", message);
}
}
