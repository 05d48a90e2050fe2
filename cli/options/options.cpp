#include "cli/options/options.hpp"

#include "cli/options/option_checks.hpp"
#include "cli/settings_apply.hpp"
#include "cli/settings_example.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cti::cli {
namespace {
constexpr std::string_view k_hidden_dash = "\x1f-"; // nobody types this character
}

std::string hide_dash(std::string word) {
    if (word.size() > 1 && word.front() == '-') word.replace(0, 1, k_hidden_dash);
    return word;
}
std::string show_dash(std::string word) {
    if (word.starts_with(k_hidden_dash)) word.erase(0, 1);
    return word;
}

Option& Option::group(const std::string& name) { return m_option->group(name), *this; }
Option& Option::type_name(const std::string& name) { return m_option->type_name(name), *this; }
Option& Option::envname(const std::string& name) { return m_option->envname(name), *this; }
Option& Option::required() { return m_option->required(), *this; }
Option& Option::capture_default_str() { return m_option->capture_default_str(), *this; }
Option& Option::delimiter(char separator) { return m_option->delimiter(separator), *this; }
Option& Option::one_each() { return m_option->type_size(1)->allow_extra_args(false), *this; }
Option& Option::excludes(const Option& other) { return m_option->excludes(other.m_option), *this; }
Option& Option::one_of(const std::vector<std::string>& words) {
    return m_option->check(is_one_of(words)), *this;
}
template <class Number>
Option& Option::between(Number first, Number last) {
    return m_option->check(is_between(first, last, true)), *this;
}
template Option& Option::between(int, int);
template Option& Option::between(double, double);
template <class Number>
Option& Option::between_unsaid(Number first, Number last) {
    return m_option->check(is_between(first, last, false)), *this;
}
template Option& Option::between_unsaid(int, int);
template Option& Option::between_unsaid(long, long);
template Option& Option::between_unsaid(double, double);
Option& Option::positive() { return between_unsaid(1L, std::numeric_limits<long>::max()); }
Option& Option::not_empty() { return m_option->check(is_not_empty()), *this; }
Option& Option::seconds() { return m_option->transform(to_seconds())->type_name("TIME"), *this; }
bool Option::is_given() const {
    // CLI11's own settings files are not used; the mark says that ours has a value (settings_apply.cpp).
    return m_option->count() > 0 || !m_option->get_configurable();
}

namespace {
template <class Value>
struct Plain {
    using Type = Value;
};
template <class Value>
struct Plain<std::optional<Value>> {
    using Type = Value;
};
}

template <class Value>
Option Options::add_option(const std::string& names, Value& value, const std::string& description) {
    using Type = typename Plain<Value>::Type;
    auto* const option = m_app->add_option(names, value, description);
    if (names.front() != '-') option->transform(show_dash, "");
    if constexpr (std::is_integral_v<Type>)
        option->check(is_whole_number());
    else if constexpr (std::is_floating_point_v<Type>)
        option->check(is_number());
    return Option(*option);
}
template Option Options::add_option(const std::string&, std::string&, const std::string&);
template Option Options::add_option(const std::string&, int&, const std::string&);
template Option Options::add_option(const std::string&, double&, const std::string&);
template Option Options::add_option(const std::string&, std::vector<std::string>&, const std::string&);
template Option Options::add_option(const std::string&, std::optional<std::string>&, const std::string&);
template Option Options::add_option(const std::string&, long&, const std::string&);
template Option Options::add_option(const std::string&, std::optional<int>&, const std::string&);
template Option Options::add_option(const std::string&, std::optional<long>&, const std::string&);
template Option Options::add_option(const std::string&, std::optional<double>&, const std::string&);

Option Options::add_flag(const std::string& names, bool& value, const std::string& description) {
    return Option(*m_app->add_flag(names, value, description));
}

void Options::footer(const std::string& text) { m_app->footer(text); }

Action Options::choose_from(std::span<const Command> commands) {
    m_app->require_subcommand(1);
    auto chosen = std::make_shared<Action>();
    add_commands(*m_app, commands, chosen, m_named);
    return [chosen](Context& context) { return (*chosen)(context); };
}

namespace {
CLI::App& root_of(CLI::App* app) {
    while (app->get_parent() != nullptr) app = app->get_parent();
    return *app;
}
}

void Options::check_settings(LoadedSettings& loaded) const { apply_settings(root_of(m_app), loaded); }
std::string Options::settings_example() const { return example_settings(root_of(m_app)); }

CommandInfo Options::read_all_commands() const { return read_commands(root_of(m_app)); }

void add_commands(CLI::App& app, std::span<const Command> commands, const std::shared_ptr<Action>& chosen,
                  const std::vector<std::string>* named) {
    for (const auto& command : commands) {
        auto* const sub = app.add_subcommand(command.name, command.summary);
        sub->group(*command.summary == '\0' ? "" : command.group);
        sub->footer(""); // CLI11 hands down that of the command above, whose examples are others.
        if (named != nullptr && std::ranges::find(*named, command.name) == named->end()) continue;
        Options options(*sub, named);
        const auto action = command.setup(options);
        sub->final_callback([chosen, action] { *chosen = action; });
    }
}
}
