#include "cli/database.hpp"

#include "cli/environment.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"

#include <fmt/format.h>

namespace cti::cli {
namespace {
// A libpq connection string quotes a value with ' and escapes ' and \ with a backslash.
std::string conninfo_value(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string from_parts() {
    if (environment("POSTGRES_HOST").empty()) return {};
    std::string out;
    const auto add = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, conninfo_value(value));
    };
    add("host", environment("POSTGRES_HOST"));
    add("port", environment("POSTGRES_PORT"));
    add("dbname", environment("POSTGRES_DB"));
    add("user", environment("POSTGRES_USER"));
    add("password", secret("POSTGRES_PASSWORD"));
    return out;
}
}

std::string find_database_url(const Context& context) {
    if (!context.database_url.empty()) return context.database_url;
    if (const auto url = environment("DATABASE_URL"); !url.empty()) return url;
    if (const auto url = secret("DATABASE_URL"); !url.empty()) return url;
    return from_parts();
}

db::Database open_database(const Context& context) { return db::Database(find_database_url(context)); }

ops::Environment make_environment(const Context& context) {
    ops::Environment environment;
    environment.connect = [&context] { return open_database(context); };
    environment.stop = &stop_signal();
    environment.on_warning = [](const std::string& message, const std::string& hint) {
        log::warning("{}", message);
        if (!hint.empty()) log::hint(hint);
    };
    return environment;
}
}
