#pragma once
#include "core/net/client.hpp"

#include <chrono>
#include <cstdint>

// Whether and when a request is sent once more.
namespace cti::net {

// What may pass: no answer for a reason of the moment, or a server that failed.
bool may_pass(const Response& response);

// The wait before attempt `attempt` (2 is the first repetition): base * 2^(attempt - 2), at most `cap`, of
// which the second half is drawn by lot.
std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap,
                                  std::uint64_t draw);

// A number that looks random for every `x` (splitmix64).
std::uint64_t scramble(std::uint64_t x);
}
