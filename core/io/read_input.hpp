#pragma once
#include <functional>
#include <string>

namespace cti::io {

enum class Readers {
    any,
    owner_and_group // a file that others may read or write is refused
};
// All of a file; "-" is standard input. Throws Error(usage) where it cannot be read or holds more than 256
// MiB.
std::string read_input(const std::string& path, Readers readers = Readers::any);
// The same for what a person may type: from a terminal it says that it waits, and it ends with
// Error(interrupted) when it is stopped.
std::string read_input(const std::string& path, const std::function<bool()>& is_stopped);

// What a person may do where a file cannot be opened or read, by its errno; empty where there is no advice.
const char* read_remedy(int error);
}
