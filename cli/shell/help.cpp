#include "cli/shell/help.hpp"

#include "cli/term/output.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::cli {
namespace {
constexpr std::size_t k_usual_width = 80, k_min_width = 40, k_max_width = 120, k_column = 26;

// The words of `text`, the first one at column `used`, the lines that follow at `indent`.
std::string wrapped(std::string_view text, std::size_t used, std::size_t indent, std::size_t width) {
    std::string out;
    bool first = true;
    for (const auto word : split(text, ' ')) {
        if (!first && used + 1 + word.size() > width) {
            out += '\n' + std::string(indent, ' ');
            used = indent;
        } else if (!first) {
            out += ' ', ++used;
        }
        out += word, used += word.size(), first = false;
    }
    return out + '\n';
}

// `head` in the left column, `text` wrapped in the right one.
std::string two_columns(const std::string& head, const std::string& text, std::size_t width) {
    std::string out = "  " + head;
    std::size_t used = out.size();
    if (used + 2 > k_column) out += '\n', used = 0;
    out.append(k_column - used, ' ');
    return out + wrapped(text, k_column, k_column, width);
}

// Examples stand in lines of their own; those that are too long for this terminal go on below.
std::string fold_lines(std::string_view text, std::size_t width) {
    std::string out;
    for (const auto line : split(text, '\n')) {
        const auto begin = std::min(line.find_first_not_of(' '), line.size());
        out += line.size() <= width
                   ? std::string(line) + '\n'
                   : std::string(begin, ' ') + wrapped(line.substr(begin), begin, begin + 4, width);
    }
    return out;
}

// CLI11 puts two blank lines between some of its parts.
std::string with_single_blank_lines(std::string text) {
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at))
        text.erase(at, 1);
    return text;
}

const CLI::App& root_of(const CLI::App& app) {
    const auto* at = &app;
    while (at->get_parent() != nullptr) at = at->get_parent();
    return *at;
}

// The names of what may stand behind every command; the root's help tells what they are.
std::string global_names(const CLI::App& app, std::size_t width) {
    std::vector<std::string> names;
    for (const auto* option : root_of(app).get_options()) {
        if (option->get_group() != k_global_options) continue;
        const auto name = option->get_snames().empty() ? "--" + option->get_lnames().front()
                                                       : "-" + option->get_snames().front();
        names.push_back(name);
    }
    return "\n" + wrapped("Global options, which 'cti --help' explains: " + join(names, ", "), 0, 2, width);
}

std::string learn_more(std::size_t width) {
    return "\nLearn more:\n" + two_columns("cti help COMMAND", "What a command takes, with examples", width) +
           two_columns("man cti", "All of it, with variables, files and exit statuses", width) +
           two_columns("docs/", "Guides, in the repository and in /usr/share/doc/cti", width);
}

// A default that is a plain false, an empty text or nothing at all tells nobody anything.
bool tells_something(const std::string& value) {
    return !value.empty() && value != "\"\"" && value != "false" && value != "[]" && value != "{}";
}

// CLI11 puts what a check allows behind the name of the type (cli/options/option_checks): "N: [1 to 500]",
// "WHEN:{auto,always}". In a help the name stands with the option; of words only those that the description
// leaves out are told.
struct TypeText {
    std::string name, allowed;
};
// With blanks, where all of them are longer than the line.
std::string breakable(const std::string& words) {
    if (words.size() + 2 <= k_usual_width - k_column) return words;
    std::string out;
    for (const auto word : split(words, ',')) out.append(out.empty() ? "" : ", ").append(word);
    return out;
}
TypeText type_text(const std::string& type, const std::string& description) {
    if (const auto at = type.find(": ["); at != std::string::npos)
        return {type.substr(0, at), type.substr(at + 1)};
    const auto at = type.find(":{");
    if (at == std::string::npos) return {type, ""};
    const auto words = type.substr(at + 2, type.rfind('}') - at - 2);
    for (const auto word : split(words, ','))
        if (description.find(word) == std::string::npos)
            return {type.substr(0, at), " [" + breakable(words) + "]"};
    return {type.substr(0, at), ""};
}
}

std::size_t help_width() {
    const auto terminal = stdout_width();
    return terminal == 0 ? k_usual_width : std::clamp(terminal, k_min_width, k_max_width);
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
    std::string head = make_option_name(option, is_positional);
    std::string text = option->get_description();
    const auto type = type_text(option->get_type_name(), text);
    if (!is_positional && option->get_type_size() != 0) head += " " + type.name;
    if (option->get_expected_max() > 1) head += "...";
    text += type.allowed;
    if (tells_something(option->get_default_str()))
        text += fmt::format(" [default: {}]", option->get_default_str());
    if (!option->get_envname().empty()) text += fmt::format(" [env: {}]", option->get_envname());
    return two_columns(head, text, m_width);
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
    return two_columns(sub->get_name(), sub->get_description(), m_width);
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
    if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
    std::string out = wrapped(app->get_description(), 0, 0, m_width) + make_usage(app, std::move(name));
    if (!app->get_footer().empty()) out += "\n" + fold_lines(app->get_footer(), m_width);
    const bool is_root = app->get_parent() == nullptr;
    // Whoever calls for the whole looks for a command; whoever calls for a command looks for an option.
    out += is_root ? make_subcommands(app, mode) + make_groups(app, mode) + learn_more(m_width)
                   : make_positionals(app) + make_groups(app, mode) + make_subcommands(app, mode) +
                         global_names(*app, m_width);
    return with_single_blank_lines(std::move(out));
}
}
