#pragma once
#include <string>
#include <string_view>

// The text forms of a database's address; see also libpq_url() and masked_url().
namespace cti::db {

// With a time limit for connecting, keepalives, our name and UTF-8, as far as the address does not say
// otherwise.
std::string with_defaults(const std::string& address);

// The message without the address's password, whatever libpq quoted from it.
std::string without_password(std::string message, std::string_view address);
}
