#include "cli/settings.hpp"

#include "cli/environment.hpp"
#include "core/base/text.hpp"
#include "core/db/address.hpp"
#include "core/db/database.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace cti::cli {
namespace {

bool is_secret(const std::string& name) {
    return name.find("PASSWORD") != std::string::npos || name.find("SECRET") != std::string::npos ||
           name.find("WEBHOOK") != std::string::npos || name.find("API_KEY") != std::string::npos;
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
}

std::vector<Setting> list_settings(const Context& context, const CommandInfo& root) {
    std::map<std::string, std::string> defaults;
    for_each_command(root, [&](const CommandInfo& command) {
        for (const auto& option : command.options)
            if (!option.variable.empty()) defaults.try_emplace(option.variable, option.default_value);
    });
    constexpr std::array more{"DATABASE_URL_FILE",
                              "POSTGRES_HOST",
                              "POSTGRES_PORT",
                              "POSTGRES_DB",
                              "POSTGRES_USER",
                              "POSTGRES_PASSWORD",
                              "POSTGRES_PASSWORD_FILE",
                              "PGHOST",
                              "PGPORT",
                              "PGDATABASE",
                              "PGUSER",
                              "PGPASSWORD",
                              "PGPASSFILE",
                              "PGSERVICE",
                              "PGSSLMODE",
                              "CTI_WEBHOOK_FILE",
                              "CTI_WEBHOOK_SECRET",
                              "CTI_WEBHOOK_SECRET_FILE",
                              "NOTIFICATION_WEBHOOK",
                              "NOTIFICATION_WEBHOOK_FILE",
                              "LLM_API_KEY",
                              "LLM_API_KEY_FILE",
                              "http_proxy",
                              "https_proxy",
                              "no_proxy",
                              "NO_COLOR"};
    for (const char* name : more) defaults.try_emplace(name, "");
    std::vector<Setting> settings;
    for (const auto& [name, otherwise] : defaults) {
        const auto value = environment(name);
        if (name == "DATABASE_URL" && !context.database_url.empty() && context.database_url != value)
            settings.push_back({name, shown(name, context.database_url), "--database-url"});
        else if (name == "SOURCES_CONFIG" && !context.sources_config.empty() &&
                 context.sources_config != value)
            settings.push_back({name, context.sources_config, "--config"});
        else
            settings.push_back({name, value.empty() ? otherwise : shown(name, value),
                                value.empty() ? "default" : "environment"});
    }
    return settings;
}
}
