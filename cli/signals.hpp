#pragma once
#include "core/base/error.hpp"

#include <atomic>
#include <chrono>
#include <csignal>

namespace cti::cli {

// From now on the first SIGINT or SIGTERM only asks to stop, the second one ends the process at once (within
// a second where the database is at work), and a closed pipe is an error of write() instead of a signal.
void install_signal_handlers();

// From now on, and once is enough, a stop that was asked for also ends what the database works on for this
// process: what has run for some seconds since then, and at a second signal all of it. To be called before
// the first connection.
void cancel_statements_on_stop();

// 0, or the number of the signal that asked to stop. Long work looks at it between its steps.
const std::atomic<int>& stop_signal();
bool is_stop_asked_for();

// From now on SIGHUP is remembered instead of ending the process.
void install_reload_handler();
// True once after each SIGHUP.
bool consume_reload_signal();

// Waits at most so long; SIGINT, SIGTERM and SIGHUP end it. A signal that comes between the look and the wait
// is not lost.
void wait_for_signal(std::chrono::milliseconds longest);

// Keeps those signals from the threads that are started while it lives, so that the main thread's wait ends
// when one comes.
class SignalsForMainThread {
public:
    SignalsForMainThread();
    ~SignalsForMainThread();
    SignalsForMainThread(const SignalsForMainThread&) = delete;
    SignalsForMainThread& operator=(const SignalsForMainThread&) = delete;

private:
    sigset_t m_before;
};

// The exit status after a stop that was asked for; `otherwise` where none was.
ExitCode stopped_or(ExitCode otherwise);
}
