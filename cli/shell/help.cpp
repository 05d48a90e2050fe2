#include "cli/shell/help.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

namespace cti::cli {
namespace {
constexpr std::size_t k_width = 80, k_column = 26;

// `head` in the left column, `text` wrapped in the right one.
std::string two_columns(const std::string& head, const std::string& text) {
    std::string out = "  " + head;
    std::size_t used = out.size();
    if (used + 2 > k_column) out += '\n', used = 0;
    out.append(k_column - used, ' ');
    used = k_column;
    bool first = true;
    for (const auto word : split(text, ' ')) {
        if (!first && used + 1 + word.size() > k_width) {
            out += '\n';
            out.append(k_column, ' ');
            used = k_column;
        } else if (!first) {
            out += ' ', ++used;
        }
        out += word, used += word.size(), first = false;
    }
    return out + '\n';
}

// A default that is a plain false, an empty text or nothing at all tells nobody anything.
bool tells_something(const std::string& value) {
    return !value.empty() && value != "\"\"" && value != "false" && value != "[]" && value != "{}";
}

// CLI11 puts what a check allows behind the name of the type (cli/option_checks): "N: [1 to 500]",
// "WHEN:{auto,always}". In a help the name stands with the option; of words only those that the description
// leaves out are told.
struct TypeText {
    std::string name, allowed;
};
TypeText type_text(const std::string& type, const std::string& description) {
    if (const auto at = type.find(": ["); at != std::string::npos)
        return {type.substr(0, at), type.substr(at + 1)};
    const auto at = type.find(":{");
    if (at == std::string::npos) return {type, ""};
    const auto words = type.substr(at + 2, type.rfind('}') - at - 2);
    for (const auto word : split(words, ','))
        if (description.find(word) == std::string::npos) return {type.substr(0, at), " [" + words + "]"};
    return {type.substr(0, at), ""};
}
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
    return two_columns(head, text);
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
    return two_columns(sub->get_name(), sub->get_description());
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
    if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
    std::string out = make_description(app) + make_usage(app, std::move(name));
    if (!app->get_footer().empty()) out += "\n" + app->get_footer() + "\n";
    out += make_positionals(app) + make_groups(app, mode) + make_subcommands(app, mode);
    return out;
}
}
