#pragma once
#include <string>
#include <string_view>

namespace cti::db {

class ConnectError;

// Of what libpq says when there is no connection to be had: one line of it, what to do about it, and whether
// it will be better in a minute.
ConnectError connect_error(const std::string& said);

// "FATAL:  why" becomes "why", "ERROR:  no" becomes "no".
std::string_view after_label(std::string_view line);
}
