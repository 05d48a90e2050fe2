#pragma once
#include <chrono>

// What the server works on for this process at this moment. The protocol has a way to end it: a request over
// a connection of its own, as psql and pg_dump send it when they are interrupted.
namespace cti::db {

// Asks the server to give up each statement that has been running for `min_age`. The statement then throws
// Error(interrupted). It opens connections, so it belongs into a thread that nobody waits for, and not into a
// signal handler.
void cancel_running_statements(std::chrono::milliseconds min_age);

// A signal handler may ask.
bool has_running_statement();
}
