#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace cti::cli {

// How wide help is: as the terminal, within what is good to read; 80 columns elsewhere.
std::size_t help_width();

constexpr const char* k_global_options = "Global options"; // the heading of those that stand everywhere

// Help in so many columns: what it does, how it is called, examples, then each option with its default and
// variable, and the names of the global ones. The examples of a command are its footer().
class HelpFormatter : public CLI::Formatter {
public:
    explicit HelpFormatter(std::size_t width) : m_width(width) { label("SUBCOMMAND", "COMMAND"); }
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
    std::string make_subcommand(const CLI::App* sub) const override;

private:
    std::size_t m_width;
};
}
