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
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
    std::string head = make_option_name(option, is_positional);
    if (!is_positional && option->get_type_size() != 0) head += " " + option->get_type_name();
    if (option->get_expected_max() > 1) head += "...";
    std::string text = option->get_description();
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
