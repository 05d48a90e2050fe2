#include "cli/signals.hpp"

#include <csignal>
#include <unistd.h>

namespace cti::cli {
namespace {
std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

extern "C" void on_stop_signal(int number) {
    if (g_signal.exchange(number) != 0) _exit(128 + number);
    constexpr char text[] = "cti: stopping… (again to end at once)\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, sizeof text - 1);
}
}

void install_signal_handlers() {
    struct sigaction action {};
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

const std::atomic<int>& stop_signal() { return g_signal; }

ExitCode stopped_or(ExitCode otherwise) {
    switch (g_signal.load()) {
    case SIGINT: return ExitCode::interrupted;
    case SIGTERM: return ExitCode::terminated;
    default: return otherwise;
    }
}
}
