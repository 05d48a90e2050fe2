#pragma once

// Starts the libraries that want to be started before a second thread uses them: libxml2 initialises itself
// at the first page, and two threads that do so at once may wait for each other for ever (a collection hung
// so, with 2.9.14); libcurl and OpenSSL say the same of themselves. libpq has no state of its own, but must
// have been built for threads.
namespace cti::collect {

// May be called often, from any thread; only the first call does anything. Throws Error where libpq was
// built without threads, and std::runtime_error where one of the others cannot be started.
void start_libraries();
}
