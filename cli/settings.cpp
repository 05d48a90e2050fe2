#include "cli/settings.hpp"

#include "cli/environment.hpp"
#include "cli/settings_apply.hpp"
#include "core/base/text.hpp"
#include "core/db/address.hpp"
#include "core/db/database.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace cti::cli {
namespace {

bool is_secret(const std::string& name) {
    return name.find("PASSWORD") != std::string::npos || name.find("SECRET") != std::string::npos ||
           name.find("WEBHOOK") != std::string::npos || name.find("API_KEY") != std::string::npos ||
           name.find("ACCESS_KEY") != std::string::npos || name.find("_HEADERS") != std::string::npos ||
           name.find("_TOKEN") != std::string::npos;
}

std::string shown(const std::string& name, const std::string& value) {
    if (value.empty() || name.ends_with("_FILE")) return value;
    if (name.find("DATABASE_URL") != std::string::npos) return db::masked_url(value);
    // A number of failures is no secret; an address with a token in its path is one.
    const bool is_number = std::ranges::all_of(value, [](char c) { return is_ascii_digit(c) || c == '.'; });
    if (is_secret(name) && !is_number) return "***";
    const auto at = value.find('@');
    return at != std::string::npos && value.find("://") < at ? db::masked_url(value) : value;
}

// What the command line or a settings file says of the key ("timeout"); nothing: neither does.
std::optional<Setting> find_given(const Context& context, const std::string& key) {
    if (context.given == nullptr) return std::nullopt;
    if (const auto typed = context.given->typed.find(key); typed != context.given->typed.end())
        return Setting{key, typed->second, "--" + key};
    if (const auto applied = context.given->applied.find(key); applied != context.given->applied.end())
        return Setting{key, applied->second.value, applied->second.from};
    return std::nullopt;
}

std::string long_name(const OptionInfo& option) {
    const auto name =
        std::ranges::find_if(option.names, [](const auto& one) { return one.starts_with("--"); });
    return name == option.names.end() ? "" : name->substr(2);
}

// In the order in which they count: command line, variable, file, default.
Setting effective(const Context& context, const std::string& key, const std::string& variable,
                  const std::string& otherwise) {
    const auto given = find_given(context, key);
    const auto masked = [&](const std::string& value) {
        return shown(variable.empty() ? key : variable, value);
    };
    if (given && given->from.starts_with("--")) return {key, masked(given->value), given->from};
    if (!variable.empty() && is_in_environment(variable))
        return {key, masked(environment(variable)), "environment"};
    if (given) return {key, masked(given->value), given->from};
    return {key, otherwise, "default"};
}

// Beside the options' own and those of variable_keys().
constexpr std::array k_more_variables{"POSTGRES_PASSWORD",
                                      "PGHOST",
                                      "PGPORT",
                                      "PGDATABASE",
                                      "PGUSER",
                                      "PGPASSWORD",
                                      "PGPASSFILE",
                                      "PGSERVICE",
                                      "PGSSLMODE",
                                      "CTI_WEBHOOK_SECRET",
                                      "LLM_API_KEY",
                                      "AWS_ACCESS_KEY_ID",
                                      "AWS_SECRET_ACCESS_KEY",
                                      "AWS_SESSION_TOKEN",
                                      "AWS_REGION",
                                      "AWS_DEFAULT_REGION",
                                      "AWS_CA_BUNDLE",
                                      "NOTIFICATION_WEBHOOK",
                                      "NOTIFICATION_WEBHOOK_FILE",
                                      "OTEL_EXPORTER_OTLP_ENDPOINT",
                                      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                                      "OTEL_EXPORTER_OTLP_HEADERS",
                                      "OTEL_EXPORTER_OTLP_HEADERS_FILE",
                                      "OTEL_SERVICE_NAME",
                                      "OTEL_SDK_DISABLED",
                                      "OTEL_TRACES_EXPORTER",
                                      "WEBSCAN_TELEMETRY_ENDPOINT",
                                      "TRACEPARENT",
                                      "http_proxy",
                                      "https_proxy",
                                      "no_proxy",
                                      "NO_COLOR"};

struct VariableInfo {
    std::string key, otherwise;
};
std::map<std::string, VariableInfo> all_variables(const CommandInfo& root) {
    std::map<std::string, VariableInfo> variables;
    for_each_command(root, [&](const CommandInfo& command) {
        for (const auto& option : command.options)
            if (!option.variable.empty())
                variables.try_emplace(option.variable, VariableInfo{long_name(option), option.default_value});
    });
    for (const auto& row : variable_keys()) variables.try_emplace(row.variable, VariableInfo{row.key, ""});
    for (const char* name : k_more_variables) variables.try_emplace(name, VariableInfo{});
    return variables;
}
}

std::vector<Setting> list_settings(const Context& context, const CommandInfo& root) {
    std::vector<Setting> settings;
    std::set<std::string> told;
    for (const auto& [name, info] : all_variables(root)) {
        auto setting = effective(context, info.key, name, info.otherwise);
        setting.name = name;
        settings.push_back(std::move(setting));
        told.insert(info.key);
    }
    // A key of a section is told too where it differs, and so is an option without a variable.
    for (auto& setting : list_keys(context, root, false))
        if (!told.contains(setting.name) && setting.from != "environment")
            settings.push_back(std::move(setting));
    return settings;
}

std::vector<Setting> list_keys(const Context& context, const CommandInfo& root, bool all) {
    std::map<std::string, Setting> top, sections;
    for_each_command(root, [&](const CommandInfo& command) {
        std::string prefix;
        for (std::size_t i = 1; i < command.path.size(); ++i) prefix += command.path[i] + ".";
        for (const auto& option : command.options) {
            const auto name = long_name(option);
            if (name.empty() || is_typed_only(name) || is_secret_option(name)) continue;
            if (prefix.empty() || !option.variable.empty())
                top.try_emplace(name, effective(context, name, option.variable, option.default_value));
            if (!prefix.empty())
                sections.try_emplace(
                    prefix + name, effective(context, prefix + name, option.variable, option.default_value));
        }
    });
    for (const auto& row : variable_keys())
        top.try_emplace(row.key, effective(context, row.key, row.variable, ""));
    std::vector<Setting> settings;
    for (auto& [key, setting] : top)
        if (all || setting.from != "default") settings.push_back(setting);
    for (auto& [key, setting] : sections) {
        // What stands at the top is told once, unless this command has another value.
        const auto above = top.find(key.substr(key.rfind('.') + 1));
        const bool is_told = above != top.end() && above->second.from == setting.from;
        if (!is_told && (all || setting.from != "default")) settings.push_back(std::move(setting));
    }
    return settings;
}
}
