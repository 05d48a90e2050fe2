#include "core/ops/environment.hpp"

#include "core/base/log.hpp"

#include <csignal>

namespace cti::ops {

void Environment::warn(const std::string& message, const std::string& hint) const {
    if (on_warning) return on_warning(message, hint);
    log::warning("{}", message);
}

void Environment::report_error(const std::string& message) const {
    if (on_error) return on_error(message);
    log::error("{}", message);
}

ExitCode exit_code_of(int signal) {
    switch (signal) {
    case SIGINT: return ExitCode::interrupted;
    case SIGTERM: return ExitCode::terminated;
    default: return ExitCode::failure;
    }
}
}
