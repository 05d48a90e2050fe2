#pragma once
#include "core/model.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>

// Whether anything can be read at all, judged from the last check of each source: one cause that hits all of
// them (no network, a proxy) is one thing to mend, not as many as there are sources.
namespace cti::sources {

struct SourceState {
    const Source* source = nullptr;
    std::string_view last_error; // of its last check; "" where that went well
};

struct Reading {
    long active = 0, asked = 0;                      // asked: active and checked at least once
    long unread = 0;                                 // asked, and the last check failed
    long failing = 0;                                // by health_of()
    std::map<std::string, long, std::less<>> faults; // kind of fault: how many unread sources have it
};

// Two sources that have a fault at once may be chance; more are one cause.
constexpr long k_min_shared = 3;

// The kind of a fault is what stands before its details: "cannot resolve the host name".
std::string_view fault_of(std::string_view error);
Reading assess_reading(std::span<const SourceState> states);

// Nothing is read any more: each last check of k_min_shared sources or more failed, for one reason, or for so
// long that each of them counts as failing.
bool is_dead(const Reading& reading);
// "none of 42 sources can be read: cannot resolve the host name"; "" while one can.
std::string reading_fault(const Reading& reading);
// What to do about it.
std::string reading_remedy(const Reading& reading);
// What to do about the fault of one source, as its site has it: a command to copy where there is one.
std::string site_remedy(std::string_view error, std::string_view identifier);
// What to do about a fault that many sources share; "" where its words say it.
std::string_view remedy_of(std::string_view fault);
}
