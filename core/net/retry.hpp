#pragma once
#include "core/net/client.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

// Whether and when a request is sent once more.
namespace cti::net {

// What may pass: no answer for a reason of the moment, or a server that failed.
bool may_pass(const Response& response);

// A method that does something each time (RFC 9110 section 9.2.2: POST) is only repeated where the server
// cannot have done it.
bool may_repeat(std::string_view method, const Response& response);

// The wait before attempt `attempt` (2 is the first repetition): base * 2^(attempt - 2), at most `cap`, of
// which the second half is at random.
std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap,
                                  std::uint64_t draw);

// A number that looks random for every `x` (splitmix64).
std::uint64_t scramble(std::uint64_t x);
}
