#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/db/database.hpp"

#include <atomic>
#include <functional>
#include <string>

// A use case (a file of core/ops each) is a function from plain options to a plain result. It knows no
// terminal: whoever runs it, a command or a worker, decides what people read of it.
namespace cti::ops {

struct FoundAddress {
    std::string text;   // see db::parse_address()
    std::string source; // "--database-url", "DATABASE_URL": what named it
};

// What a use case asks of whoever runs it.
struct Environment {
    std::function<db::Database()> connect;  // throws Error(database)
    std::string connection_name;            // of what it opens beside that: "cti export"
    const std::atomic<int>* stop = nullptr; // not 0: end soon, and leave nothing half done
    // What does not end it, and what to do about it ("" where there is nothing); empty: a warning of the log.
    std::function<void(const std::string& message, const std::string& hint)> on_warning;
    // One of several errors, before the one Error that tells how many there are; empty: an error of the log.
    std::function<void(const std::string& message)> on_error;
    std::function<Time()> now = current_time;

    bool is_stopped() const { return stop != nullptr && stop->load() != 0; }
    void warn(const std::string& message, const std::string& hint = {}) const;
    void report_error(const std::string& message) const;
};

// What a process ends with that this signal has stopped; failure for any other number.
ExitCode exit_code_of(int signal);
}
