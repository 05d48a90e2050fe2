#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace cti::cli {

// Help in at most 80 columns: what it does, how it is called, examples, then each option with its default and
// variable. The examples of a command are its footer().
class HelpFormatter : public CLI::Formatter {
public:
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
    std::string make_subcommand(const CLI::App* sub) const override;
};
}
