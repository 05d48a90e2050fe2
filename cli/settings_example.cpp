#include "cli/settings_example.hpp"

#include "cli/settings_apply.hpp"
#include "cli/shell/command_tree.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <fmt/format.h>
#include <set>

namespace cti::cli {
namespace {

constexpr const char* k_head =
    R"(# Settings of cti. A copy as cti.yaml is found in the folder that cti is started in, in ~/.config/cti and in /etc/cti; the
# first of them wins, key by key, and the command line and the environment win over all. Every key is that of an option by its
# long name. Take away the "#" of what you change; 'cti settings check FILE' tells whether it is right.
#
# No secret stands here: what ends with -file names a file that holds one.

# For all commands that know them:
)";

// YAML reads these as they are; anything else stands between quotes.
bool is_plain(const std::string& value) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+";
    return !value.empty() && value.find_first_not_of(plain) == std::string::npos && value.front() != '-';
}
std::string quoted(const std::string& value) { return is_plain(value) ? value : "'" + value + "'"; }

bool takes(CLI::Option& option, const std::string& value) {
    option.clear();
    try {
        option.add_result(value);
        option.run_callback();
        option.clear();
        return true;
    } catch (const CLI::ParseError&) {
        option.clear();
        return false;
    }
}

// By what the value is called, where nothing else tells what it looks like.
struct ExampleOf {
    std::string_view argument;
    const char* value;
};
constexpr ExampleOf k_examples_of[] = {
    {"URL", "https://example.com/"}, {"ZONE", "UTC"},    {"CRON", "0 6 * * *"},
    {"QUERY", "ransomware"},         {"TAG", "malware"}, {"ADDR", "127.0.0.1:8080"},
};

// What it has by default, else the first of some that its checks allow.
std::string example_value(CLI::Option& option, const OptionInfo& info) {
    if (info.argument.empty()) return "true"; // a flag
    if (info.value == OptionInfo::Value::file) return "/path/to/file";
    if (info.value == OptionInfo::Value::directory) return "/path/to/folder";
    if (option.get_lnames().front().ends_with("database-url")) return "postgresql://cti@localhost:5432/cti";
    std::vector<std::string> candidates{info.default_value};
    candidates.insert(candidates.end(), info.words.begin(), info.words.end());
    for (const auto& row : k_examples_of)
        if (row.argument == info.argument) candidates.emplace_back(row.value);
    if (info.argument == "N" || info.argument == "TIME") candidates.insert(candidates.end(), {"10", "1"});
    for (const char* more : {"value", "10", "1", "2026-01-01"}) candidates.emplace_back(more);
    for (const auto& value : candidates)
        if (!value.empty() && takes(option, value)) return value;
    return "value";
}

std::string key_line(const std::string& indent, const std::string& key, const std::string& value,
                     const std::string& description, const std::string& variable) {
    return fmt::format("#{}{}: {}  # {}{}\n", indent, key, quoted(value), description,
                       variable.empty() ? "" : " (" + variable + ")");
}

// nullptr for 'help', which CLI11 does not know.
CLI::App* find_subcommand(CLI::App& app, const std::string& name) {
    for (auto* const sub : app.get_subcommands([](CLI::App*) { return true; }))
        if (sub->get_name() == name) return sub;
    return nullptr;
}

class ExampleWriter {
public:
    std::string write(CLI::App& root, const CommandInfo& info) {
        m_out = k_head;
        for (const auto& command : info.commands) m_sections.insert(command.name);
        write_top(root, info);
        for (const auto& row : variable_keys()) {
            const std::string_view key = row.key;
            const auto* const value = key.ends_with("-file")  ? "/path/to/file"
                                      : key.ends_with("port") ? "5432"
                                                              : "cti";
            m_out += key_line("", row.key, value, row.description, row.variable);
        }
        m_out += "\n# For one command; what stands above may be given here as well:\n";
        for (const auto& command : info.commands) write_section(root, command, "");
        return m_out;
    }

private:
    void write_top(CLI::App& app, const CommandInfo& info) {
        write_options(app, info, "", [&](const OptionInfo& option) {
            return info.path.size() == 1 || (!option.variable.empty() && !is_section(option));
        });
        for (const auto& command : info.commands)
            if (auto* const sub = find_subcommand(app, command.name)) write_top(*sub, command);
    }

    template <class Filter>
    void write_options(CLI::App& app, const CommandInfo& info, const std::string& indent,
                       const Filter& filter) {
        for (const auto& option : info.options) {
            auto* const found = app.get_option_no_throw(option.names.back());
            if (found == nullptr || found->get_lnames().empty() || !filter(option)) continue;
            const auto name = found->get_lnames().front();
            if (is_typed_only(name) || is_secret_option(name)) continue;
            if (indent.empty() && !m_at_top.insert(name).second) continue;
            m_out +=
                key_line(indent, name, example_value(*found, option), option.description, option.variable);
        }
    }

    // "jobs: 20" is understood at the top; beside a section of that name it would stand twice.
    bool is_section(const OptionInfo& option) const {
        return m_sections.contains(option.names.back().substr(2));
    }

    // The heading stands there only where something follows.
    void write_section(CLI::App& app, const CommandInfo& info, const std::string& indent) {
        auto* const sub = find_subcommand(app, info.name);
        if (sub == nullptr) return;
        const auto before = m_out.size();
        const auto heading = fmt::format("#{}{}:\n", indent, info.name);
        m_out += heading;
        const auto deeper = indent + "  ";
        write_options(*sub, info, deeper, [&](const OptionInfo& option) {
            return option.variable.empty() || is_section(option);
        });
        for (const auto& command : info.commands) write_section(*sub, command, deeper);
        if (m_out.size() == before + heading.size()) m_out.resize(before);
    }

    std::string m_out;
    std::set<std::string> m_at_top, m_sections;
};
}

std::string example_settings(CLI::App& root) { return ExampleWriter().write(root, read_commands(root)); }
}
