#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// What an option accepts. CLI11's own checks name types and print bounds of 300 digits; these say what is
// wanted and what came: "must be 1 to 500, not '0'". The description of a check is what the help shows.
namespace cti::cli {

CLI::Validator is_not_empty();
CLI::Validator is_whole_number();
CLI::Validator is_number();
// described: the help tells the bounds.
template <class Number>
CLI::Validator is_between(Number first, Number last, bool described);
CLI::Validator is_one_of(std::vector<std::string> words);
// Turns "5m" into "300".
CLI::Validator to_seconds();
}
