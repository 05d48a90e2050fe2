#pragma once
#include <optional>
#include <string>
#include <vector>

namespace cti::cli {

// Runs a program with these words, never through a shell, and waits for it. The words are looked up in PATH.
// Nothing: it could not be started. `input` goes to its standard input, where it is given.
std::optional<int> run_program(const std::vector<std::string>& words, const std::string* input = nullptr,
                               const std::vector<std::string>& more_environment = {});

// Text for people, harmless already. On a terminal it goes through the pager that PAGER names, else less;
// "" and "cat" are none. What stands in PAGER is the user's own, and may be a line of a shell; the text only
// ever reaches its standard input.
void show_paged(const std::string& text);
}
