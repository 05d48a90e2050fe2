#pragma once
#include <map>
#include <string>
#include <string_view>

// Where a database is. Its text is read by libpq's own parser, and by nobody else.
namespace cti::db {

struct Address {
    std::map<std::string, std::string> parameters; // libpq's words, as "host" and "sslmode"
    bool is_host_doubtful = false; // of "u:a@b": it may be the end of a password, so nobody is shown it
};

constexpr const char* k_address_hint = "It looks like postgresql://user:password@host:5432/database.";

constexpr const char* k_doubtful_host_hint =
    "What stands behind the last @ is taken for the host: in a password write @ as %40, and name a host.";

// A PostgreSQL URL, also in the spelling of SQLAlchemy and asyncpg, or libpq's "key=value …". "" says
// nothing, and all is left to libpq's environment. Throws Error(usage) where it is not understood; the
// message quotes nothing of it, as any part may be one of the password.
Address parse_address(std::string_view text);

// With a time limit for connecting, keepalives, UTF-8 and the name that pg_stat_activity shows, as far as the
// address and libpq's environment do not say otherwise.
Address with_defaults(Address address, const std::string& application);

// "key='value' …" for libpq.
std::string connection_string(const Address& address);

// What libpq will use: its environment's and service file's parameters, and before them those of the address.
std::map<std::string, std::string> effective_parameters(const Address& address);

// The text as people may see it, with *** for what is secret. All of it where it is not understood.
std::string masked_url(std::string_view text);

bool is_libpq_parameter(std::string_view name);
}
