#include "cli/settings_apply.hpp"

#include "cli/environment.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/db/address.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace cti::cli {
namespace {

using sources::FileSetting;

// Why a setting cannot be; becomes one of the errors, with its line.
struct Refusal {
    std::string why;
};

std::vector<CLI::App*> shown_commands(CLI::App& app) {
    return app.get_subcommands([](CLI::App* sub) { return !sub->get_group().empty(); });
}
std::vector<CLI::Option*> shown_options(CLI::App& app) {
    return app.get_options(
        [](CLI::Option* option) { return !option->get_group().empty() && !option->get_lnames().empty(); });
}

// f(command, "sources.list."): app itself with "", and everything below it.
template <class F>
void for_each_app(CLI::App& app, const std::string& prefix, const F& f) {
    f(app, prefix);
    for (auto* const sub : shown_commands(app)) for_each_app(*sub, prefix + sub->get_name() + ".", f);
}

struct Target {
    CLI::Option* option;
    std::string key;
};

std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
    auto dashed = word;
    std::ranges::replace(dashed, '_', '-');
    const auto near = closest(dashed, names);
    return near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near);
}

// One name at the top: an option of cti itself, or one with a variable, which means the same in every command
// that has it.
std::vector<Target> find_at_top(CLI::App& root, const std::string& name) {
    std::vector<Target> targets;
    std::vector<std::string> elsewhere, known;
    for (const auto& row : variable_keys()) known.emplace_back(row.key);
    for_each_app(root, "", [&](CLI::App& app, const std::string& prefix) {
        if (!prefix.empty()) known.push_back(app.get_name());
        for (auto* const option : shown_options(app)) {
            const bool is_top = prefix.empty() || !option->get_envname().empty();
            const auto& long_name = option->get_lnames().front();
            if (is_top) known.push_back(long_name);
            if (!option->check_lname(name)) continue;
            if (is_top)
                targets.push_back({option, prefix + long_name});
            else
                elsewhere.push_back(prefix + long_name);
        }
    });
    if (targets.empty() && !elsewhere.empty())
        throw Refusal{fmt::format(
            "'{}' stands in the section of its command: {}{}", name,
            join(std::vector(elsewhere.begin(),
                             elsewhere.begin() + std::min<std::ptrdiff_t>(3, std::ssize(elsewhere))),
                 ", "),
            elsewhere.size() > 3 ? ", …" : "")};
    if (targets.empty())
        throw Refusal{fmt::format("unknown key '{}'{}", printable(name), suggestion(name, known))};
    return targets;
}

Target find_in_section(CLI::App& root, const std::vector<std::string>& path) {
    auto* app = &root;
    std::string prefix;
    for (auto name = path.begin(); name + 1 != path.end(); ++name) {
        std::vector<std::string> names;
        CLI::App* next = nullptr;
        for (auto* const sub : shown_commands(*app)) {
            names.push_back(sub->get_name());
            if (sub->get_name() == *name) next = sub;
        }
        if (next == nullptr)
            throw Refusal{
                fmt::format("unknown section '{}'{}", printable(prefix + *name), suggestion(*name, names))};
        app = next;
        prefix += *name + ".";
    }
    std::vector<std::string> names;
    for (auto* const option : shown_options(*app)) {
        if (option->check_lname(path.back())) return {option, prefix + option->get_lnames().front()};
        names.push_back(option->get_lnames().front());
    }
    const auto global = shown_options(root);
    if (std::ranges::any_of(global, [&](const auto* option) { return option->check_lname(path.back()); }))
        throw Refusal{fmt::format("'{}' is for all commands: it stands at the top", path.back())};
    throw Refusal{
        fmt::format("unknown key '{}'{}", printable(prefix + path.back()), suggestion(path.back(), names))};
}

bool has_password(const std::string& address) {
    try {
        return db::parse_address(address).parameters.contains("password");
    } catch (const Error& error) {
        throw Refusal{fmt::format("'database-url' cannot be used: {}", error.what())};
    }
}

void refuse_secrets(const std::string& name, const std::vector<std::string>& values) {
    if (is_secret_option(name))
        throw Refusal{fmt::format(
            "'{}' is a secret: write it into a file of its own and name that by '{}-file'", name, name)};
    if (!name.ends_with("database-url")) return;
    for (const auto& value : values)
        if (has_password(value))
            throw Refusal{fmt::format("'{}' holds a password: write the address into a file of its own and "
                                      "name that by 'database-url-file'",
                                      name)};
}

std::string without_end(std::string message) {
    while (!message.empty() && (message.back() == '.' || message.back() == '\n')) message.pop_back();
    return message;
}

std::string explain_value(const CLI::Option& option, const std::string& name, const CLI::ParseError& error) {
    const std::string message = error.what();
    if (option.get_expected_min() == 0) return fmt::format("'{}' is on or off: true or false", name);
    const auto at = message.find(": ");
    if (error.get_name() != "ValidationError" || at == std::string::npos)
        return fmt::format("'{}' cannot have this value", name);
    return fmt::format("'{}' {}", name, without_end(message.substr(at + 2)));
}

// As the folder of the file has it: /etc/cti/cti.yaml is read from everywhere.
std::string beside(const std::string& file, const std::string& value, const std::string& type) {
    constexpr std::array paths{"FILE", "PATH", "DIR"};
    const auto word = type.substr(0, type.find_first_of(":[{ "));
    const auto slash = file.rfind('/');
    if (std::ranges::find(paths, word) == paths.end() || slash == std::string::npos || value.empty() ||
        value == "-" || value.starts_with('/') || value.find("://") != std::string::npos)
        return value;
    return file.substr(0, slash + 1) + value;
}

// The option's own checks and its conversion, and then as if nobody had given it.
void give_value(CLI::Option& option, const std::string& name, const std::vector<std::string>& values) {
    option.clear(); // 'settings check' comes when the command line and the variables have been read.
    try {
        for (const auto& value : values) option.add_result(value);
        option.run_callback();
    } catch (const CLI::ParseError& error) {
        option.clear();
        throw Refusal{explain_value(option, name, error)};
    }
    option.clear();
    option.required(false)->configurable(false); // Option::is_given() asks for it.
}

class Applier {
public:
    explicit Applier(CLI::App& root) : m_root(root) {}

    void apply(const FileSetting& setting) {
        const auto& name = setting.path.back();
        if (is_typed_only(name))
            throw Refusal{fmt::format("'{}' is no setting: it is typed each time", name)};
        if (setting.path.size() == 1 && apply_variable(setting)) return;
        refuse_secrets(name, setting.values);
        if (setting.path.size() > 1) return apply_to(find_in_section(m_root, setting.path), setting);
        for (const auto& target : find_at_top(m_root, name)) apply_to(target, setting);
    }
    AppliedSettings take() { return std::move(m_applied); }

private:
    bool apply_variable(const FileSetting& setting) {
        for (const auto& row : variable_keys()) {
            if (setting.path.front() != row.key) continue;
            if (setting.is_list) throw Refusal{fmt::format("'{}' takes one value", row.key)};
            const std::string_view key = row.key;
            const auto value =
                beside(setting.file, setting.values.front(), key.ends_with("-file") ? "FILE" : "");
            remember(row.key, row.variable, value, setting);
            return true;
        }
        return false;
    }
    void apply_to(const Target& target, const FileSetting& setting) {
        auto& option = *target.option;
        const bool takes_list = option.get_expected_max() > 1 && option.get_expected_min() > 0;
        if (setting.is_list && !takes_list)
            throw Refusal{fmt::format("'{}' takes one value", sources::dotted(setting.path))};
        std::vector<std::string> values;
        for (const auto& value : setting.values)
            values.push_back(beside(setting.file, value, option.get_type_name()));
        if (values.empty()) throw Refusal{fmt::format("'{}' has no value", sources::dotted(setting.path))};
        give_value(option, sources::dotted(setting.path), values);
        const auto shown = join(values, ",");
        m_applied[target.key] = {shown, origin_of(setting)};
        if (setting.path.size() == 1) remember(setting.path.front(), option.get_envname(), shown, setting);
    }
    void remember(const std::string& key, const std::string& variable, const std::string& value,
                  const FileSetting& setting) {
        m_applied[key] = {value, origin_of(setting)};
        if (!variable.empty()) set_fallback(variable, value, origin_of(setting));
    }

    CLI::App& m_root;
    AppliedSettings m_applied;
};
}

const std::vector<VariableKey>& variable_keys() {
    static const std::vector<VariableKey> keys{
        {"database-url-file", "DATABASE_URL_FILE", "File with the database's address and password"},
        {"postgres-host", "POSTGRES_HOST", "The parts of the address, in place of database-url"},
        {"postgres-port", "POSTGRES_PORT", "Its port"},
        {"postgres-db", "POSTGRES_DB", "Its database"},
        {"postgres-user", "POSTGRES_USER", "Its role"},
        {"postgres-password-file", "POSTGRES_PASSWORD_FILE", "File with the role's password"},
        {"webhook-file", "CTI_WEBHOOK_FILE", "File with the address of a webhook"},
        {"webhook-secret-file", "CTI_WEBHOOK_SECRET_FILE", "File with the key that signs its messages"},
        {"aws-access-key-id-file", "AWS_ACCESS_KEY_ID_FILE", "File with the name of a bucket's key"},
        {"aws-secret-access-key-file", "AWS_SECRET_ACCESS_KEY_FILE", "File with the key that signs for it"},
        {"aws-session-token-file", "AWS_SESSION_TOKEN_FILE", "File with its token, where it is for a time"},
        {"llm-api-key-file", "LLM_API_KEY_FILE", "File with the key of the language model's server"},
    };
    return keys;
}

bool is_typed_only(const std::string& long_name) {
    constexpr std::array<std::string_view, 7> words{"help",  "version", "settings",        "confirm",
                                                    "reset", "yes",     "no-safety-backup"};
    return std::ranges::find(words, long_name) != words.end();
}

bool is_secret_option(const std::string& long_name) { return long_name == "webhook"; }

AppliedSettings apply_settings(CLI::App& app, LoadedSettings& loaded) {
    Applier applier(app);
    for (const auto& setting : loaded.settings) {
        try {
            applier.apply(setting);
        } catch (const Refusal& refusal) {
            if (loaded.errors.size() < sources::k_max_settings_errors)
                loaded.errors.push_back({setting.file, setting.line, refusal.why});
        }
    }
    return applier.take();
}

void refuse_settings(const LoadedSettings& loaded) {
    const auto more = loaded.errors.size() - 1;
    throw Error{ExitCode::usage, sources::to_string(loaded.errors.front()),
                more == 0 ? "Correct it, or leave it out; 'cti settings example' has every key."
                          : fmt::format("{} more {} there: see 'cti settings check'.", more,
                                        more == 1 ? "mistake is" : "mistakes are")};
}
}
