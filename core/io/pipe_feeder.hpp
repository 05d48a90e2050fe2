#pragma once
#include <exception>
#include <functional>
#include <string_view>
#include <thread>

namespace cti::io {

// The next bytes, which live until the next call; empty at the end. May throw.
using ByteSource = std::function<std::string_view()>;

// Writes what a source has into a pipe, in a thread of its own, for a program that reads it. The process has
// to ignore SIGPIPE.
class PipeFeeder {
public:
    explicit PipeFeeder(ByteSource source); // Throws Error where there is no pipe.
    ~PipeFeeder();                          // The program that reads has to be gone by then.
    PipeFeeder(const PipeFeeder&) = delete;
    PipeFeeder& operator=(const PipeFeeder&) = delete;

    int output() const { return m_ends[0]; }
    // Once the program has its own end: without ours the feeding ends where that one goes.
    void close_output();
    // Waits until all is written, or nobody reads on. Throws what the source threw.
    void finish();

private:
    void feed();

    ByteSource m_source;
    int m_ends[2] = {-1, -1};
    std::exception_ptr m_fault;
    std::jthread m_thread;
};
}
