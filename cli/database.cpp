#include "cli/database.hpp"

#include "cli/environment.hpp"
#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/db/address.hpp"
#include "core/db/schema.hpp"

#include <fmt/format.h>
#include <utility>

namespace cti::cli {
namespace {
std::string from_parts() {
    if (environment("POSTGRES_HOST").empty()) return {};
    db::Address address;
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) address.parameters[name] = value;
    };
    add("host", environment("POSTGRES_HOST"));
    add("port", environment("POSTGRES_PORT"));
    add("dbname", environment("POSTGRES_DB"));
    add("user", environment("POSTGRES_USER"));
    add("password", secret("POSTGRES_PASSWORD"));
    return db::connection_string(address);
}
}

namespace {
// "POSTGRES_HOST", or where a settings file says what it would.
std::string origin_of_variable(const std::string& name) {
    const auto origin = fallback_origin(name);
    return origin.empty() ? name : origin;
}

// A file's way to name the database counts after every way of the environment.
std::string in_environment_or_all(const std::string& name, bool all) {
    return all || is_in_environment(name) ? environment(name) : "";
}

ops::FoundAddress find_beside_option(bool all) {
    if (const auto path = in_environment_or_all("DATABASE_URL_FILE", all); !path.empty())
        return {read_secret_file("DATABASE_URL_FILE", path), origin_of_variable("DATABASE_URL_FILE")};
    if (in_environment_or_all("POSTGRES_HOST", all).empty()) return {};
    return {from_parts(), origin_of_variable("POSTGRES_HOST")};
}
}

ops::FoundAddress find_database_address(const Context& context) {
    const auto& option = context.database_url; // or the variable or a file, which options are given as well
    const bool is_typed = context.given != nullptr && context.given->typed.contains("database-url");
    if (!option.empty() && is_typed) return {option, "--database-url"};
    if (is_in_environment("DATABASE_URL")) return {environment("DATABASE_URL"), "DATABASE_URL"};
    if (auto found = find_beside_option(false); !found.text.empty()) return found;
    if (!option.empty()) return {option, origin_of_variable("DATABASE_URL")};
    if (auto found = find_beside_option(true); !found.text.empty()) return found;
    return {"", "libpq's own variables"};
}

std::string find_database_url(const Context& context) { return find_database_address(context).text; }

std::string connection_name(const Context& context, std::string_view part) {
    return fmt::format("cti {}{}{}", context.command, part.empty() ? "" : " ", part);
}

db::Database open_database(const Context& context, std::string_view part, db::OutagePolicy policy) {
    cancel_statements_on_stop();
    return db::Database(find_database_url(context), std::move(policy), connection_name(context, part));
}

void change_database(const Context& context, const std::function<void(db::Transaction&)>& change) {
    auto database = open_database(context);
    db::with_retry_until_commit(database, [&](db::Transaction& transaction) {
        db::read_schema(transaction);
        change(transaction);
    });
}

ops::Environment make_environment(const Context& context) {
    ops::Environment environment;
    environment.connect = [&context] { return open_database(context); };
    environment.connection_name = connection_name(context);
    environment.stop = &stop_signal();
    environment.on_warning = [](const std::string& message, const std::string& hint) {
        log::warning("{}", message);
        if (!hint.empty()) log::hint(hint);
    };
    return environment;
}
}
