#pragma once
#include "core/base/time.hpp"
#include "core/model/named.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// A piece of work that somebody asked for, and that one worker at a time does.
namespace cti {

enum class JobState : std::uint8_t {
    ready,     // a worker may take it now
    scheduled, // not before its run_at
    running,
    done,
    failed, // it cannot be done, and another try would not help
    dead,   // it failed as often as it may
    cancelled,
};
constexpr std::string_view name_of(JobState value) {
    switch (value) {
    case JobState::ready: return "ready";
    case JobState::scheduled: return "scheduled";
    case JobState::running: return "running";
    case JobState::done: return "done";
    case JobState::failed: return "failed";
    case JobState::dead: return "dead";
    case JobState::cancelled: return "cancelled";
    }
    return {};
}
// It will not run by itself any more.
constexpr bool is_finished(JobState state) { return state >= JobState::done; }

struct Job {
    long id = 0;
    std::string kind;
    std::string arguments_json = "{}";
    std::string unique_key; // "": none
    int priority = 0;
    JobState state = JobState::ready;
    std::optional<Time> run_at; // nothing: it has ended
    int attempts = 0, max_attempts = 5;
    std::string wait_reason; // why it waits again
    std::string worker;      // host:pid of who has it, or had it last
    std::optional<Time> lease_until;
    bool cancel_requested = false;
    std::string created_by;
    Time created_at{};
    std::optional<Time> started_at, finished_at;
    // Once it has ended.
    int exit_code = 0;
    std::string error;
    std::string result_json = "{}";
};
}
