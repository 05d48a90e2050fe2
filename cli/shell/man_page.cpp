#include "cli/shell/command_tree.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/base/version.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <map>

// man(7) pages; what is in them is what the help texts say, and in cti(1) the exit statuses.
namespace cti::cli {
namespace {

constexpr struct {
    int code;
    const char* meaning;
} k_statuses[] = {
    {0, "done; some sources may have failed: the summary and source_checks say so"},
    {1, "unexpected failure, or every source failed"},
    {2, "wrong usage or configuration"},
    {3, "some sources failed and --fail-on any was given"},
    {4, "database unreachable or access refused"},
    {5, "another run holds the lock"},
    {6, "tables missing, too old, or not the web service's"},
    {7, "output could not be written"},
    {8, "a check failed"},
    {130, "stopped by SIGINT, after a clean stop"},
    {143, "stopped by SIGTERM, after a clean stop"},
};

struct Meaning {
    const char *name, *meaning;
};
// Variables that are no option's.
constexpr Meaning k_variables[] = {
    {"DATABASE_URL_FILE", "a file that holds what DATABASE_URL would"},
    {"POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_PASSWORD_FILE",
     "the database in parts, where there is no DATABASE_URL"},
    {"PGHOST, PGPORT, PGUSER, PGDATABASE, PGSERVICE, PGPASSFILE",
     "libpq's own, where none of the above is set"},
    {"http_proxy, https_proxy, no_proxy", "the proxy of what is fetched"},
    {"NO_COLOR, CLICOLOR_FORCE", "no colour; colour into pipes too"},
    {"PAGER, LESS", "what shows long texts on a terminal"},
    {"BROWSER", "what 'cti open' runs"},
    {"XDG_CACHE_HOME", "where answers for the shell's completion are kept for a minute"},
    {"SOURCE_DATE_EPOCH", "the date of man pages that are built"},
};
constexpr Meaning k_files[] = {
    {"config/sources.yaml", "the sources, in a checkout"},
    {"/etc/cti/sources.yaml", "the operator's own, where 'cti init' is told of no other"},
    {"/usr/share/cti/sources.yaml", "those that the package brings"},
    {"/usr/share/doc/cti", "guides, roles and examples"},
};

std::string roff(std::string_view text) {
    std::string out;
    bool at_line_start = true;
    for (const char c : text) {
        if (at_line_start && (c == '.' || c == '\'')) out += "\\&";
        at_line_start = c == '\n';
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '\'')
            out += "\\(aq";
        else
            out += c;
    }
    return out;
}

// A text of one line, in lines of 70 bytes as far as its words allow.
std::string wrapped(std::string_view text) {
    std::string out;
    std::size_t used = 0;
    for (const auto word : split(text, ' ')) {
        if (used > 0 && used + word.size() > 70)
            out += '\n', used = 0;
        else if (used > 0)
            out += ' ';
        out += word;
        used += word.size() + 1;
    }
    return roff(out);
}

// SOURCE_DATE_EPOCH (seconds since 1970), else the day of the revision: two builds of it are the same.
std::string date() {
    const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
    if (epoch == nullptr || *epoch == '\0') return CTI_DATE;
    return format_rfc3339(Time(std::chrono::seconds(std::strtoll(epoch, nullptr, 10)))).substr(0, 10);
}

std::string title(const CommandInfo& page) {
    std::string name = join(page.path, "-");
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return fmt::format(".TH {} 1 \"{}\" \"cti {}\" \"User Commands\"\n", roff(name), date(), version());
}

std::string synopsis(const CommandInfo& command) {
    auto out = fmt::format(".B {}\n[\\fIOPTIONS\\fR]", roff(join(command.path, " ")));
    if (!command.commands.empty()) out += " \\fICOMMAND\\fR ...";
    for (const auto& argument : command.arguments) {
        const auto name =
            fmt::format("\\fI{}\\fR{}", roff(argument.argument), argument.repeatable ? "..." : "");
        out += argument.required ? " " + name : " [" + name + "]";
    }
    return out + "\n";
}

void add_option(std::string& out, const OptionInfo& option) {
    std::vector<std::string> names;
    for (const auto& name : option.names) names.push_back("\\fB" + roff(name) + "\\fR");
    auto head = join(names, ", ");
    if (!option.argument.empty()) head += (names.empty() ? "\\fI" : " \\fI") + roff(option.argument) + "\\fR";
    auto text = option.description;
    if (!option.words.empty()) text += fmt::format(" ({})", join(option.words, ", "));
    if (!option.default_value.empty()) text += fmt::format(" [default: {}]", option.default_value);
    if (!option.variable.empty()) text += fmt::format(" [variable: {}]", option.variable);
    out += ".TP\n" + head + "\n" + wrapped(text) + "\n";
}

void add_body(std::string& out, const CommandInfo& command, const std::string& section) {
    if (!command.arguments.empty() || !command.options.empty()) out += section;
    for (const auto& argument : command.arguments) add_option(out, argument);
    for (const auto& option : command.options) add_option(out, option);
}

void add_examples(std::string& out, std::string_view examples, const std::string& section) {
    if (examples.empty()) return;
    constexpr std::string_view head = "Examples:\n";
    if (examples.starts_with(head)) examples.remove_prefix(head.size());
    out += section + ".nf\n" + roff(examples) + "\n.fi\n";
}

void add_subcommands(std::string& out, const CommandInfo& page) {
    out += ".SH COMMANDS\n";
    std::string group;
    for (const auto& command : page.commands) {
        if (page.path.size() == 1) {
            if (command.group != group) out += fmt::format(".SS {}\n", roff(group = command.group));
            out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(command.name), roff(command.description));
            continue;
        }
        out += fmt::format(".SS {}\n{}.PP\n{}\n", roff(command.name), synopsis(command),
                           roff(command.description));
        add_body(out, command, "");
        add_examples(out, command.examples, ".PP\n");
    }
}

void add_statuses(std::string& out) {
    out += ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : k_statuses) out += fmt::format(".TP\n{}\n{}\n", code, roff(meaning));
}

void add_meaning(std::string& out, std::string_view name, std::string_view meaning) {
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(name), wrapped(meaning));
}

// The variables of a command's options, and of those below it, each once.
void collect_variables(const CommandInfo& page, const CommandInfo& root,
                       std::map<std::string, std::string>& all) {
    for_each_command(page, [&](const CommandInfo& command) {
        if (&page == &root && &command != &root) return;
        for (const auto& option : command.options)
            if (!option.variable.empty() && !option.names.empty())
                all.emplace(option.variable,
                            fmt::format("as {}: {}", option.names.back(), option.description));
    });
}

void add_environment(std::string& out, const CommandInfo& page, const CommandInfo& root) {
    std::map<std::string, std::string> variables;
    collect_variables(page, root, variables);
    if (variables.empty() && &page != &root) return;
    out += ".SH ENVIRONMENT\n";
    for (const auto& [name, meaning] : variables) add_meaning(out, name, meaning);
    if (&page != &root) return;
    for (const auto& [name, meaning] : k_variables) add_meaning(out, name, meaning);
    out += ".PP\nThose of single commands stand in their own pages.\n";
}

void add_files(std::string& out) {
    out += ".SH FILES\n";
    for (const auto& [name, meaning] : k_files) add_meaning(out, name, meaning);
}

void add_see_also(std::string& out, const CommandInfo& page, const CommandInfo& root) {
    out += ".SH SEE ALSO\n";
    if (&page != &root) {
        out += ".BR cti (1)\n";
        return;
    }
    for (const auto& command : root.commands)
        if (command.name != "help")
            out += fmt::format(".BR cti\\-{} (1){}\n", command.name,
                               &command == &root.commands[root.commands.size() - 2] ? "" : ",");
}

std::string page_text(const CommandInfo& page, const CommandInfo& root) {
    auto out = title(page);
    auto summary = page.description;
    if (!summary.empty() && summary.back() == '.') summary.pop_back();
    out += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}", roff(join(page.path, "-")), roff(summary),
                       synopsis(page));
    out += fmt::format(".SH DESCRIPTION\n{}.\n", roff(summary));
    add_body(out, page, ".SH OPTIONS\n");
    if (!page.commands.empty()) add_subcommands(out, page);
    if (&page != &root) out += ".PP\nThe options of\n.BR cti (1)\nmay stand here too.\n";
    add_statuses(out);
    add_environment(out, page, root);
    add_files(out);
    add_examples(out, page.examples, ".SH EXAMPLES\n");
    add_see_also(out, page, root);
    return out;
}
}

std::vector<ManPage> man_pages(const CommandInfo& root) {
    std::vector<ManPage> pages{{root.name + ".1", page_text(root, root)}};
    for (const auto& command : root.commands)
        if (command.name != "help")
            pages.push_back({join(command.path, "-") + ".1", page_text(command, root)});
    return pages;
}
}
