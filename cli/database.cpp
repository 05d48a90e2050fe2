#include "cli/database.hpp"

#include "cli/environment.hpp"
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

ops::FoundAddress find_database_address(const Context& context) {
    const auto variable = environment("DATABASE_URL");
    const auto& option = context.database_url; // or the variable, which the parser of options reads as well
    if (!option.empty()) return {option, option == variable ? "DATABASE_URL" : "--database-url"};
    if (!variable.empty()) return {variable, "DATABASE_URL"};
    if (auto url = secret("DATABASE_URL"); !url.empty()) return {std::move(url), "DATABASE_URL_FILE"};
    if (auto parts = from_parts(); !parts.empty()) return {std::move(parts), "POSTGRES_HOST"};
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
    db::with_retry(database, [&](db::Transaction& transaction) {
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
