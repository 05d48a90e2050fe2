#include "cli/signals.hpp"

#include "core/db/running_statements.hpp"

#include <ctime>
#include <semaphore.h>
#include <thread>
#include <unistd.h>

namespace cti::cli {
namespace {
std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

// Whoever watches the statements waits for it: a handler may post a semaphore, and little else.
sem_t g_stop_news;
std::atomic<bool> g_is_ending{false};

extern "C" void on_end_of_patience(int) { _exit(128 + g_signal); }

// What the server works on is cancelled first. That opens a connection, which is nothing for a handler: the
// watching thread does it, and the alarm ends the process where nobody answers that thread.
void end_at_once(int number) {
    if (g_is_ending.exchange(true) || !db::has_running_statement()) _exit(128 + number);
    alarm(1);
    sem_post(&g_stop_news);
}

extern "C" void on_stop_signal(int number) {
    if (g_signal.exchange(number) != 0) return end_at_once(number);
    sem_post(&g_stop_news);
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

using namespace std::chrono_literals;

// After a stop a statement has so long to end by itself: most do, and a check in hand is recorded then.
constexpr auto k_statement_grace = 3s;

void wait_for_stop_news(std::chrono::milliseconds longest) {
    timespec end{};
    clock_gettime(CLOCK_MONOTONIC, &end);
    const auto nanoseconds = end.tv_nsec + longest.count() % 1000 * 1'000'000;
    end.tv_sec += longest.count() / 1000 + nanoseconds / 1'000'000'000;
    end.tv_nsec = nanoseconds % 1'000'000'000;
    sem_clockwait(&g_stop_news, CLOCK_MONOTONIC, &end);
}

class StatementWatch {
public:
    StatementWatch() {
        const SignalsForMainThread block;
        m_thread = std::jthread([](const std::stop_token& over) { watch(over); });
    }
    ~StatementWatch() {
        m_thread.request_stop();
        sem_post(&g_stop_news);
    }
    StatementWatch(const StatementWatch&) = delete;
    StatementWatch& operator=(const StatementWatch&) = delete;

private:
    static void watch(const std::stop_token& over) {
        while (g_signal == 0 && !over.stop_requested()) wait_for_stop_news(1h);
        const auto stopped = std::chrono::steady_clock::now();
        while (!over.stop_requested()) {
            if (g_is_ending) {
                db::cancel_running_statements(0ms);
                _exit(128 + g_signal);
            }
            if (std::chrono::steady_clock::now() - stopped >= k_statement_grace)
                db::cancel_running_statements(k_statement_grace);
            wait_for_stop_news(250ms);
        }
    }

    std::jthread m_thread;
};
}

void cancel_statements_on_stop() { static const StatementWatch watch; }

void install_signal_handlers() {
    sem_init(&g_stop_news, 0, 0);
    struct sigaction action {};
    action.sa_handler = on_end_of_patience;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, nullptr);
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ,
                SIG_IGN); // A file that may grow no further is an error of write(), as a full disk is.
}

const std::atomic<int>& stop_signal() { return g_signal; }
bool is_stop_asked_for() { return g_signal != 0; }

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
