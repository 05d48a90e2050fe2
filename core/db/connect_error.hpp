#pragma once
#include <string>
#include <string_view>

namespace cti::db {

class ConnectError;

struct Address;

// Of what libpq says when there is no connection to be had at the address: one line of it, what to do about
// it, and whether it will be better in a minute.
ConnectError connect_error(std::string said, const Address& address);

// "FATAL:  why" becomes "why", "ERROR:  no" becomes "no".
std::string_view after_label(std::string_view line);
}
