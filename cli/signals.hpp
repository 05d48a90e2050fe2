#pragma once
#include "core/base/error.hpp"

#include <atomic>

namespace cti::cli {

// From now on the first SIGINT or SIGTERM only asks to stop, the second one ends the process at once, and a
// closed pipe is an error of write() instead of a signal.
void install_signal_handlers();

// 0, or the number of the signal that asked to stop. Long work looks at it between its steps.
const std::atomic<int>& stop_signal();

// The exit status after a stop that was asked for; `otherwise` where none was.
ExitCode stopped_or(ExitCode otherwise);
}
