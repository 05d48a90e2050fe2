#include "cli/command.hpp"
#include "cli/options/option_checks.hpp"
#include "cli/options/options.hpp"
#include "cli/settings.hpp"
#include "cli/settings_apply.hpp"
#include "cli/shell/help.hpp"
#include "cli/signals.hpp"
#include "cli/telemetry.hpp"
#include "cli/term/output.hpp"
#include "cli/usage_errors.hpp"
#include "cli/version.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace cti::cli {
namespace {

struct GlobalOptions {
    std::string color = "auto", log_format = "text", settings_file;
    int verbosity = 0;
};

constexpr const char* k_examples = R"(Examples:
  cti init                               make the database ready
  cti collect                            fetch what is due
  cti export --days 7 | jq '.[].title'   what was published this week
  cti monitor --interval 300             collect for ever)";

void add_global_options(CLI::App& app, Context& context, GlobalOptions& options) {
    const auto* const group = k_global_options;
    app.add_option("--database-url", context.database_url, "PostgreSQL URL or libpq connection string")
        ->type_name("URL")
        ->envname("DATABASE_URL")
        ->group(group);
    app.add_option("--config", context.sources_config, "Sources file or folder (config/sources.yaml)")
        ->type_name("PATH")
        ->envname("SOURCES_CONFIG")
        ->group(group);
    app.add_option("--settings", options.settings_file, "Settings file (./cti.yaml …), or none")
        ->type_name("FILE")
        ->envname("CTI_SETTINGS")
        ->group(group);
    app.add_flag("-q,--quiet", context.quiet, "Errors only")->group(group);
    app.add_flag("-v,--verbose", options.verbosity, "Tell more; -vv for debugging")->group(group);
    app.add_option("--color", options.color, "auto, always or never")
        ->check(is_one_of({"auto", "always", "never"}))
        ->type_name("WHEN")
        ->capture_default_str()
        ->group(group);
    app.add_option("--log-format", options.log_format, "text or json")
        ->check(is_one_of({"text", "json"}))
        ->type_name("FORMAT")
        ->envname("CTI_LOG_FORMAT")
        ->capture_default_str()
        ->group(group);
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

bool wants_color(const std::string& when, int descriptor) {
    if (when != "auto") return when == "always";
    if (is_set("NO_COLOR")) return false;
    if (is_set("CLICOLOR_FORCE")) return true;
    const char* terminal = std::getenv("TERM");
    return isatty(descriptor) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void apply(const GlobalOptions& options, Context& context) {
    log::Settings settings;
    settings.format = options.log_format == "json" ? log::Format::json : log::Format::text;
    settings.color = wants_color(options.color, STDERR_FILENO);
    settings.level = context.quiet            ? log::Level::error
                     : options.verbosity >= 2 ? log::Level::debug
                     : options.verbosity == 1 ? log::Level::info
                                              : log::Level::notice;
    log::configure(settings);
    context.color_stdout = wants_color(options.color, STDOUT_FILENO);
    context.progress =
        !context.quiet && settings.format == log::Format::text && wants_color("auto", STDERR_FILENO);
}

// "cti help sources list" is "cti sources list --help".
std::vector<std::string> arguments(int argc, const char* const* argv) {
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    if (const auto mark = std::ranges::find(words, "--"); mark != words.end()) {
        std::transform(mark + 1, words.end(), mark + 1, hide_dash);
        words.erase(mark);
    }
    return {words.rbegin(), words.rend()}; // CLI11 takes them from the back.
}

// What works whatever a settings file says: how else would one be mended?
bool needs_sound_settings(const std::string& command) {
    return command != "settings check" && command != "settings example" && command != "version" &&
           command != "completion" && !command.starts_with("__");
}

// What was asked for in place of a command: a help, the version.
int show_help(const CLI::App& app, const CLI::Success& asked) {
    std::ostringstream out, errors;
    const int code = app.exit(asked, out, errors);
    print(out.str());
    return code;
}

// For who tells where a setting came from.
void note_typed(const CLI::App& app, const std::vector<std::string>& words, GivenSettings& given) {
    for (const auto* option : app.get_options())
        if (option->count() > 0 && !option->get_lnames().empty() && is_on_command_line(*option, words))
            given.typed[option->get_lnames().front()] = join(option->results(), ",");
}

// CLI11 2.4 (Debian 13) leaves out a variable whose value an option does not take, where 2.1 refuses it:
// whoever wrote it would never know.
void take_left_out_variables(CLI::App& app) {
    for (auto* option : app.get_options()) {
        const char* value = std::getenv(option->get_envname().c_str()); // none of the name ""
        if (option->count() > 0 || value == nullptr || *value == '\0') continue;
        option->add_result(value);
        option->run_callback(); // throws what is wrong
    }
    for (auto* command : app.get_subcommands()) take_left_out_variables(*command);
}

void set_up(CLI::App& app, Context& context, GlobalOptions& options) {
    app.formatter(std::make_shared<HelpFormatter>(help_width()));
    app.footer(k_examples);
    app.require_subcommand(0, 1);
    app.allow_extras(); // So that we, not CLI11, report what is unknown. Subcommands inherit it.
    app.set_version_flag("-V,--version", version_text);
    add_global_options(app, context, options);
    app.fallthrough(); // Inherited: global options may stand after the subcommand too.
}

struct CommandLine {
    std::vector<std::string> typed, words; // as they were typed; as CLI11 takes them
    LoadedSettings loaded;
};

// Settings files speak of the options of any command, and these commands tell of all others.
bool needs_all_commands(const CommandLine& line) {
    constexpr std::array<std::string_view, 5> names{"completion", "doctor", "settings", "__complete",
                                                    "__man"};
    return !line.loaded.files.empty() || !line.loaded.errors.empty() ||
           std::ranges::any_of(line.typed, [&](const std::string& word) {
               return std::ranges::find(names, word) != names.end();
           });
}

bool is_command(const std::string& word) {
    return std::ranges::any_of(commands(), [&](const Command& command) { return command.name == word; });
}

// Which commands declare what they take.
enum class Declared { named, all };

// Nothing where only those that are named have declared what they take, and the words are not understood:
// what they may have meant is known once all have.
std::optional<int> parse_and_run(CommandLine& line, Declared declared) {
    CLI::App app{"Collects cyber threat intelligence reports into PostgreSQL.", "cti"};
    Context context;
    GlobalOptions options;
    const auto chosen = std::make_shared<Action>();
    const bool knows_all = declared == Declared::all;
    set_up(app, context, options);
    add_commands(app, commands(), chosen, knows_all ? nullptr : &line.words);
    const auto given = std::make_shared<GivenSettings>();
    given->files = line.loaded.files;
    given->applied = apply_settings(app, line.loaded);
    try {
        app.parse(std::vector<std::string>(line.words));
        if (!knows_all && !app.remaining(true).empty()) return {};
        take_left_out_variables(app);
    } catch (const CLI::Success& e) {
        const auto extra = app.remaining(true);
        if (!knows_all && !extra.empty()) return {};
        // "cti UNKNOWN --help" asks for the help of something that is not there.
        if (!extra.empty()) refuse_extra(app, extra.front(), line.words);
        return show_help(app, e);
    } catch (const CLI::ParseError& e) {
        if (!knows_all) return {};
        // An unknown word explains more than what is missing because of it.
        if (const auto extra = app.remaining(true); !extra.empty())
            refuse_extra(app, extra.front(), line.words);
        refuse(app, e, line.typed);
    }
    note_typed(app, line.typed, *given);
    context.given = given;
    apply(options, context);
    if (const auto extra = app.remaining(true); !extra.empty()) refuse_extra(app, extra.front(), line.words);
    if (!*chosen && !line.typed.empty())
        throw Error{ExitCode::usage, "no command was given",
                    is_command(line.typed.back())
                        ? fmt::format("Does what stands before '{}' lack its value? See 'cti --help'.",
                                      line.typed.back())
                        : "See 'cti --help'."};
    if (!*chosen) {
        fmt::print(stderr, "{}", app.help());
        return static_cast<int>(ExitCode::usage);
    }
    context.command = command_name(app);
    if (!line.loaded.errors.empty() && needs_sound_settings(context.command)) refuse_settings(line.loaded);
    std::optional<Telemetry> telemetry;
    if (!context.command.starts_with("__")) telemetry.emplace(); // Not for what shells call at TAB.
    return static_cast<int>((*chosen)(context));
}

int parse_and_run(int argc, const char* const* argv) {
    CommandLine line;
    line.typed.assign(argv + std::min(argc, 1), argv + argc);
    line.words = arguments(argc, argv);
    line.loaded = load_settings(line.typed);
    if (!needs_all_commands(line))
        if (const auto code = parse_and_run(line, Declared::named)) return *code;
    return parse_and_run(line, Declared::all).value();
}
}

namespace {
// An error is a line, however long the word was that somebody gave.
std::string shorten(std::string_view message) {
    constexpr std::size_t most = 1000; // code points: some lines of a terminal
    const auto head = head_code_points(message, most);
    return head.size() == message.size() ? std::string(message) : std::string(head) + "…";
}
}

int run(int argc, const char* const* argv) try {
    install_signal_handlers();
    return parse_and_run(argc, argv);
} catch (const Error& e) {
    if (e.code() == ExitCode::interrupted) { // What was asked for is no error.
        log::notice("{}", e.what());
        return static_cast<int>(stopped_or(e.code()));
    }
    log::error("{}", shorten(e.what()));
    if (!e.hint().empty()) log::hint(e.hint());
    return static_cast<int>(e.code());
} catch (const std::exception& e) {
    log::write(log::Level::error, fmt::format("bug: {}", e.what()));
    return static_cast<int>(ExitCode::failure);
}
}
