#include "cli/signals.hpp"

#include <ctime>
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

std::atomic<bool> g_reload{false};
extern "C" void on_reload_signal(int) { g_reload = true; }

sigset_t our_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
    return signals;
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

void install_reload_handler() {
    struct sigaction action {};
    action.sa_handler = on_reload_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, nullptr);
}

bool consume_reload_signal() { return g_reload.exchange(false); }

void wait_for_signal(std::chrono::milliseconds longest) {
    const auto signals = our_signals();
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    if (g_signal == 0 && !g_reload) {
        const timespec limit{longest.count() / 1000, longest.count() % 1000 * 1'000'000};
        if (const int number = sigtimedwait(&signals, nullptr, &limit); number > 0) raise(number);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr); // A raised signal is delivered here, to its handler.
}

SignalsForMainThread::SignalsForMainThread() {
    const auto signals = our_signals();
    pthread_sigmask(SIG_BLOCK, &signals, &m_before);
}
SignalsForMainThread::~SignalsForMainThread() { pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

ExitCode stopped_or(ExitCode otherwise) {
    switch (g_signal.load()) {
    case SIGINT: return ExitCode::interrupted;
    case SIGTERM: return ExitCode::terminated;
    default: return otherwise;
    }
}
}
