#pragma once
#include "cli/command.hpp"
#include "cli/shell/command_tree.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}
namespace cti::cli {

// Declaring what a command takes. A layer over CLI11, whose headers cost seconds in each file that includes
// them: nothing but options.cpp, option_checks, usage_errors, run.cpp, settings_apply, help.cpp and
// command_tree.cpp does.

// One option; each call says more of it and gives it back.
class Option {
public:
    explicit Option(CLI::Option& option) : m_option(&option) {}

    Option& group(const std::string& name);     // the heading in the help that it stands under
    Option& type_name(const std::string& name); // what the help calls its value
    Option& envname(const std::string& name);   // the variable that is asked where it is not given
    Option& required();
    Option& capture_default_str(); // The help shows the value that it has now.
    Option& delimiter(char separator);
    Option& one_each(); // of a list: a value may hold anything, and only one follows the name
    Option& excludes(const Option& other);
    Option& one_of(const std::vector<std::string>& words);
    template <class Number>
    Option& between(Number first, Number last);
    template <class Number>
    Option& between_unsaid(Number first, Number last); // Its description says the bounds already.
    Option& positive();
    Option& not_empty(); // A script whose variable is unset would mean all where it meant one.
    Option& seconds();   // a TIME: seconds, or 90s, 5m, 2h, 1d

    bool is_given() const; // on the command line, by its variable or in a settings file; after parsing

private:
    CLI::Option* m_option;
};

struct LoadedSettings;

class Options {
public:
    // `named`: see add_commands().
    Options(CLI::App& app, const std::vector<std::string>* named) : m_app(&app), m_named(named) {}

    // "-o,--output", or "FILE" for an argument. Value: std::string, a number, std::optional of these, or
    // std::vector<std::string>; it must live until the command has run. Unknown types do not link.
    template <class Value>
    Option add_option(const std::string& names, Value& value, const std::string& description);
    Option add_flag(const std::string& names, bool& value, const std::string& description);
    void footer(const std::string& text); // stands at the end of the help: examples

    // Commands below this one, of which one must be given; the action is that of the one that was.
    Action choose_from(std::span<const Command> commands);

    // Whether all options would take what stands in settings files; errors are added to `loaded`.
    void check_settings(LoadedSettings& loaded) const;
    std::string settings_example() const; // a settings file with every key as a comment

    // All commands and what they take, also those that are declared later.
    CommandInfo read_all_commands() const;

private:
    CLI::App* m_app;
    const std::vector<std::string>* m_named;
};

// Words that stand behind "--" are no options, whatever they begin with. CLI11 forgets that as soon as a
// list has its first word, so a dash at the beginning is hidden from it, and shown again to who takes the
// word.
std::string hide_dash(std::string word);
std::string show_dash(std::string word);

// Commands below `app`; `chosen` becomes the action of the one that is parsed. `named`: the words of the
// command line, which must live as long; only commands that stand among them declare what they take, as to
// declare all costs more than most commands do. Null: all of them.
void add_commands(CLI::App& app, std::span<const Command> commands, const std::shared_ptr<Action>& chosen,
                  const std::vector<std::string>* named);
}
